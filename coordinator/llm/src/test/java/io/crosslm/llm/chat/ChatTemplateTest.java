package io.crosslm.llm.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.testkit.golden.Goldens;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ChatTemplateTest {
    @Test
    void render_ownTemplates_agreeWithJinja2() throws IOException {
        for (JsonElement element : cases()) {
            JsonObject one = element.getAsJsonObject();
            ChatTemplate template = ChatTemplate.parse(one.get("template").getAsString());
            if (one.has("refused")) {
                assertThatThrownBy(() -> render(template, one, "add"))
                        .hasMessageStartingWith("LLM-1005")
                        .hasMessageEndingWith(one.get("refused").getAsString());
            } else {
                assertThat(render(template, one, "add"))
                        .as(one.get("name").getAsString())
                        .isEqualTo(one.get("rendered").getAsString());
            }
        }
    }

    @Test
    void render_smolLm2_agreesWithTransformers() {
        JsonObject golden = Goldens.json("smollm2/tokenizer.json");
        ChatTemplate template = ChatTemplate.parse(golden.get("chatTemplate").getAsString());
        for (JsonElement element : golden.getAsJsonArray("conversations")) {
            JsonObject one = element.getAsJsonObject();
            assertThat(render(template, one, "addGenerationPrompt"))
                    .isEqualTo(one.get("rendered").getAsString());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "{% macro x() %}; LLM-1002; {% macro %}",
                "{{ strftime_now('%Y') }}; LLM-1002; strftime_now()",
                "{{ x|sort }}; LLM-1002; the filter sort",
                "{{ x.format() }}; LLM-1002; the method format()",
                "{% if x %}; LLM-1001; not ended",
                "{{ x; LLM-1001; not closed",
                "{{ 1 + }}; LLM-1001; expected a value",
                "{{ x.y }}; LLM-1005; undefined",
                "{{ 1 // 0 }}; LLM-1005; division by 0"
            })
    void parse_wrong_saysWhatAndWhere(String text, String code, String what) {
        assertThatThrownBy(() -> render(text))
                .isInstanceOf(LanguageModelException.class)
                .hasMessageStartingWith(code)
                .hasMessageContaining("line 1")
                .hasMessageContaining(what);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "(; )",
                "[; ]",
                "{'k': ; }",
                "x[; ]",
                "x.get(; )",
                "x|default(; )",
                "namespace(k=; )",
                "not ; ''",
                "1 if x else ; ''"
            })
    void parse_deeplyNestedExpression_isRefused(String open, String close) {
        String nested = (open + " ").repeat(5000) + "1" + close.repeat(5000);

        assertThatThrownBy(() -> ChatTemplate.parse("{{ " + nested + " }}"))
                .isInstanceOf(LanguageModelException.class)
                .hasMessageStartingWith("LLM-1001")
                .hasMessageContaining("line 1: nested deeper than 60");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% if x %}",
                "{% if x %}{% else %}",
                "{% if x %}{% elif y %}",
                "{% for x in y %}"
            })
    void parse_deeplyNestedBlocks_isRefused(String open) {
        assertThatThrownBy(() -> ChatTemplate.parse(open.repeat(5000)))
                .isInstanceOf(LanguageModelException.class)
                .hasMessageStartingWith("LLM-1001")
                .hasMessageContaining("line 1: nested deeper than 60");
    }

    /** Computing a value goes as deep as its expression has links, over all levels together. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "+1",
                "*1",
                "~1",
                " and 1",
                " or 1",
                " if 1",
                "|trim",
                ".a",
                "[0]",
                ".strip()",
                " is defined"
            })
    void parse_longChain_isRefused(String link) {
        assertThatThrownBy(() -> ChatTemplate.parse("{{ x" + link.repeat(20_000) + " }}"))
                .isInstanceOf(LanguageModelException.class)
                .hasMessageStartingWith("LLM-1001")
                .hasMessageContaining("line 1: an expression has more than 1000 operators");
    }

    @Test
    void parse_chainsWithinEachOther_areCountedTogether() {
        String nested = "1";
        for (int level = 0; level < 5; level++) {
            nested = "(" + nested + "+1".repeat(300) + ")";
        }
        String template = "{{ " + nested + " }}";

        assertThatThrownBy(() -> ChatTemplate.parse(template))
                .hasMessageContaining("more than 1000 operators");
    }

    @Test
    void render_chainWithinTheLimit_isComputedInEachOfManyBlocks() {
        assertThat(render(("{{ 0" + "+1".repeat(ChatTemplate.MAXIMUM_LINKS) + " }} ").repeat(9)))
                .isEqualTo("1000 ".repeat(9));
    }

    @Test
    void parse_long_isRefused() {
        assertThatThrownBy(() -> render("a".repeat(ChatTemplate.MAXIMUM_LENGTH + 1)))
                .hasMessageContaining("characters");
    }

    @Test
    void render_endlessLoops_isRefused() {
        String loop = "{% for a in '" + "x".repeat(1100) + "' %}";
        assertThatThrownBy(() -> render(loop + loop + "{% endfor %}{% endfor %}"))
                .hasMessageContaining("steps of loops");
    }

    /** Loops may nest a value as deep as they have steps. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ a.x|tojson }}",
                "{{ a.x == b.x }}",
                "{{ a.x != b.x }}",
                "{{ a.x in [b.x] }}",
                "{{ b.x in {'k': a.x}.values() }}"
            })
    void render_valueNestedByLoop_isRefused(String use) {
        for (String nest : List.of("[%s]", "{'k': %s}")) {
            String text = nested(nest, 100_000) + use;

            assertThatThrownBy(() -> render(text))
                    .isInstanceOf(LanguageModelException.class)
                    .hasMessageStartingWith("LLM-1005")
                    .hasMessageContaining("line 1: a value is nested deeper than 60");
        }
    }

    @Test
    void render_valueNestedByLoopAsKey_isRefused() {
        assertThatThrownBy(() -> render(nested("[%s]", 100_000) + "{{ {}.get(a.x) }}"))
                .isInstanceOf(LanguageModelException.class)
                .hasMessageStartingWith("LLM-1005")
                .hasMessageContaining("a list is no key");
    }

    @Test
    void render_valueNestedWithinTheLimit_isWrittenAndCompared() {
        int most = ChatTemplate.MAXIMUM_NESTING;

        assertThat(render(nested("[%s]", most) + "{{ a.x|tojson }} {{ a.x == b.x }}"))
                .isEqualTo("[".repeat(most) + "0" + "]".repeat(most) + " True");
        assertThatThrownBy(() -> render(nested("[%s]", most + 1) + "{{ a.x|tojson }}"))
                .hasMessageContaining("nested deeper");
    }

    /** A value that holds another one twice, and so on, is small but would be gone through long. */
    @Test
    void render_valueSharedByLoop_isRefused() {
        String shared = nested("[%1$s, %1$s]", 25);

        assertThatThrownBy(() -> render(shared + "{{ a.x == b.x }}"))
                .hasMessageStartingWith("LLM-1005")
                .hasMessageContaining("more than 1000000 values to compare");
        assertThatThrownBy(() -> render(shared + "{{ a.x|tojson }}"))
                .hasMessageStartingWith("LLM-1005")
                .hasMessageContaining("a text grows too long");
    }

    /** Makes a.x and b.x out of 0, each put into such a value again and again. */
    private static String nested(String value, int times) {
        StringBuilder text =
                new StringBuilder(
                        "{% set a = namespace(x=0) %}{% set b = namespace(x=0) %}{% for c in '"
                                + "x".repeat(times)
                                + "' %}");
        for (String name : List.of("a.x", "b.x")) {
            text.append("{% set " + name + " = " + String.format(Locale.ROOT, value, name) + " %}");
        }
        return text + "{% endfor %}";
    }

    private static String render(String text) {
        return ChatTemplate.parse(text).render(List.of(), GenerationPrompt.OMIT, "", "");
    }

    private static String render(ChatTemplate template, JsonObject one, String add) {
        List<ChatMessage> messages = new ArrayList<>();
        for (JsonElement message : one.getAsJsonArray("messages")) {
            JsonObject parts = message.getAsJsonObject();
            messages.add(
                    new ChatMessage(
                            parts.get("role").getAsString(), parts.get("content").getAsString()));
        }
        GenerationPrompt prompt =
                one.get(add).getAsBoolean() ? GenerationPrompt.ADD : GenerationPrompt.OMIT;
        return template.render(messages, prompt, "<s>", "</s>");
    }

    private static JsonArray cases() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(
                        ChatTemplateTest.class.getResourceAsStream("templates.json"))) {
            return JsonParser.parseString(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                    .getAsJsonArray();
        }
    }
}
