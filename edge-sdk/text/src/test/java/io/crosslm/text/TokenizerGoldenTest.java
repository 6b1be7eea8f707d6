package io.crosslm.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.crosslm.text.Tokenizer.ControlTokens;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares with Python's tokenizers; make_tokenizers.py makes what is expected. */
final class TokenizerGoldenTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "llama3",
                "qwen2",
                "tekken",
                "llama2",
                "llama2-normalized",
                "metaspace-first",
                "metaspace-always-split"
            })
    void encodeAndDecode_hardTexts_equalPython(String name) throws IOException {
        Tokenizer tokenizer;
        try (Reader json = resource(name + ".json")) {
            tokenizer = TokenizerJson.read(json);
        }
        SoftAssertions softly = new SoftAssertions();
        try (Reader json = resource(name + ".golden.json")) {
            for (JsonElement element : JsonParser.parseReader(json).getAsJsonArray()) {
                compare(tokenizer, element.getAsJsonObject(), softly);
            }
        }
        softly.assertAll();
    }

    private static void compare(Tokenizer tokenizer, JsonObject golden, SoftAssertions softly) {
        String text = golden.get("text").getAsString();
        int[] read = ints(golden, "read");
        softly.assertThat(tokenizer.encode(text, ControlTokens.READ))
                .as("%s", text)
                .isEqualTo(read);
        if (golden.has("asText")) {
            softly.assertThat(tokenizer.encode(text, ControlTokens.AS_TEXT))
                    .as("as text: %s", text)
                    .isEqualTo(ints(golden, "asText"));
        }
        int[] begin = ints(golden, "begin");
        softly.assertThat(tokenizer.beginTokens()).isEqualTo(begin);
        int[] begun = Arrays.copyOf(begin, begin.length + read.length);
        System.arraycopy(read, 0, begun, begin.length, read.length);
        softly.assertThat(tokenizer.decode(begun))
                .as("decoded: %s", text)
                .isEqualTo(golden.get("decoded").getAsString());
    }

    private static Reader resource(String name) {
        InputStream found = TokenizerGoldenTest.class.getResourceAsStream("tokenizers/" + name);
        if (found == null) {
            throw new IllegalStateException("There is no resource " + name);
        }
        return new InputStreamReader(found, StandardCharsets.UTF_8);
    }

    private static int[] ints(JsonObject object, String name) {
        JsonArray array = object.getAsJsonArray(name);
        int[] ints = new int[array.size()];
        for (int i = 0; i < ints.length; i++) {
            ints[i] = array.get(i).getAsInt();
        }
        return ints;
    }
}
