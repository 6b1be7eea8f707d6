package io.crosslm.llm.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.LikelihoodScorer.Continuation;
import io.crosslm.text.Tokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What lm-evaluation-harness makes of pairs; pairs.json lies beside its maker. */
final class PairEncoderTest {
    private static final int BEGIN = 1;
    private static final int TH = 200;

    static Stream<JsonElement> cases() throws IOException {
        return StreamSupport.stream(golden().getAsJsonArray("cases").spliterator(), false);
    }

    private static JsonObject golden() throws IOException {
        try (InputStream in = PairEncoderTest.class.getResourceAsStream("pairs.json")) {
            return JsonParser.parseString(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                    .getAsJsonObject();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void encode_pair_agreesWithTheHarness(JsonElement element) throws IOException {
        JsonObject example = element.getAsJsonObject();
        PairEncoder encoder =
                new PairEncoder(
                        new FormulaTokenizer(example.get("begins").getAsBoolean()),
                        OptionalInt.of(BEGIN),
                        golden().get("contextLength").getAsInt());
        Continuation pair =
                new Continuation(
                        example.get("context").getAsString(),
                        example.get("continuation").getAsString());
        if (example.get("ids").isJsonNull()) {
            assertThatThrownBy(() -> encoder.encode(pair, 3))
                    .isInstanceOfSatisfying(
                            LanguageModelException.class,
                            e -> assertThat(e.code()).isEqualTo(Code.BAD_INPUT))
                    .hasMessageContaining("ext 3");
            return;
        }

        PairEncoder.Pair ids = encoder.encode(pair, 3);

        JsonObject expected = example.getAsJsonObject("ids");
        assertThat(ids.context()).containsExactly(ids(expected.getAsJsonArray("context")));
        assertThat(ids.continuation())
                .containsExactly(ids(expected.getAsJsonArray("continuation")));
    }

    @Test
    void encode_noContextAndNoPrefix_isRefused() {
        PairEncoder encoder = new PairEncoder(new FormulaTokenizer(false), OptionalInt.empty(), 8);

        assertThatThrownBy(() -> encoder.encode(new Continuation("", "abc"), 0))
                .isInstanceOf(LanguageModelException.class)
                .hasMessageContaining("its context has no tokens");
    }

    private static int[] ids(JsonArray array) {
        return array.asList().stream().mapToInt(JsonElement::getAsInt).toArray();
    }

    /** "th" is one token, any other character its code point. */
    private record FormulaTokenizer(boolean begins) implements Tokenizer {
        @Override
        public int[] encode(String text, ControlTokens controlTokens) {
            return text.replace("th", Character.toString(TH)).chars().toArray();
        }

        @Override
        public String decode(int[] ids) {
            return new String(ids, 0, ids.length).replace(Character.toString(TH), "th");
        }

        @Override
        public int[] beginTokens() {
            return begins ? new int[] {BEGIN} : new int[0];
        }

        @Override
        public int vocabularySize() {
            return TH + 1;
        }
    }
}
