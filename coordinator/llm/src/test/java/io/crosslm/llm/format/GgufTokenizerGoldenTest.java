package io.crosslm.llm.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.crosslm.testkit.golden.Goldens;
import io.crosslm.text.Tokenizer;
import io.crosslm.text.Tokenizer.ControlTokens;
import io.crosslm.text.TokenizerJson;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.IntStream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokenizers of GGUF files against Python's and llama.cpp's; make_gguf.py makes the files. */
final class GgufTokenizerGoldenTest {
    @TempDir Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"llama3", "qwen2", "tekken", "llama2"})
    void encode_hardTexts_equalsReference(String name) throws IOException {
        Path path = folder.resolve(name + ".gguf");
        try (InputStream bytes = resource(name + ".gguf")) {
            Files.copy(bytes, path);
        }
        SoftAssertions softly = new SoftAssertions();
        try (GgufFile file = GgufFile.open(path);
                Reader json = text(resource(name + ".golden.json"))) {
            Tokenizer tokenizer = GgufTokenizer.read(file).orElseThrow();
            for (JsonElement element : JsonParser.parseReader(json).getAsJsonArray()) {
                compare(tokenizer, element.getAsJsonObject(), softly);
            }
        }
        softly.assertAll();
    }

    private static void compare(Tokenizer tokenizer, JsonObject golden, SoftAssertions softly) {
        String text = golden.get("text").getAsString();
        softly.assertThat(tokenizer.encode(text, ControlTokens.READ))
                .as("%s", text)
                .isEqualTo(Goldens.ids(golden.get("read")));
        if (golden.has("asText")) {
            softly.assertThat(tokenizer.encode(text, ControlTokens.AS_TEXT))
                    .as("as text: %s", text)
                    .isEqualTo(Goldens.ids(golden.get("asText")));
        }
        softly.assertThat(tokenizer.beginTokens()).isEqualTo(Goldens.ids(golden.get("begin")));
    }

    /** Texts with control tokens are left out: this file finds them after normalisation. */
    @Test
    void encode_tinyStoriesOrdinaryTexts_equalsPython() throws IOException {
        String models = System.getenv("CROSSLM_TEST_MODELS");
        assumeTrue(models != null, "CROSSLM_TEST_MODELS names no folder of models");
        Path file = Path.of(models, "tinystories-656k", "tokenizer.json");
        assumeTrue(Files.exists(file), "CROSSLM_TEST_MODELS has no tinystories-656k");
        Tokenizer tokenizer;
        try (Reader json = Files.newBufferedReader(file)) {
            tokenizer = TokenizerJson.read(json);
        }
        SoftAssertions softly = new SoftAssertions();
        int compared = 0;
        JsonObject golden = Goldens.json("tinystories/tokenizer.json");
        for (JsonElement element : golden.getAsJsonArray("vectors")) {
            JsonObject vector = element.getAsJsonObject();
            String text = vector.get("text").getAsString();
            if (text.contains("<")) {
                continue;
            }
            int[] ids = tokenizer.encode(text, ControlTokens.AS_TEXT);
            int[] begin = tokenizer.beginTokens();
            softly.assertThat(IntStream.concat(IntStream.of(begin), IntStream.of(ids)).toArray())
                    .as("%s", text)
                    .isEqualTo(Goldens.ids(vector.get("ids")));
            compared++;
        }
        softly.assertAll();
        assertThat(compared).isGreaterThan(20);
    }

    private static InputStream resource(String name) {
        return Objects.requireNonNull(
                GgufTokenizerGoldenTest.class.getResourceAsStream("tokenizers/" + name), name);
    }

    private static Reader text(InputStream bytes) {
        return new InputStreamReader(bytes, StandardCharsets.UTF_8);
    }
}
