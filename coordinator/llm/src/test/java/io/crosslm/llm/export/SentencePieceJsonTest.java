package io.crosslm.llm.export;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.crosslm.llm.format.GgufFile;
import io.crosslm.testkit.golden.Goldens;
import io.crosslm.text.Tokenizer;
import io.crosslm.text.Tokenizer.ControlTokens;
import io.crosslm.text.TokenizerJson;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tokenizer.json of a SentencePiece file; make_llama2.py made what is expected of it. */
final class SentencePieceJsonTest {
    @TempDir private Path folder;
    private JsonObject written = new JsonObject();
    private JsonObject settings = new JsonObject();

    @BeforeEach
    void write() throws IOException {
        Path path = folder.resolve("llama2.gguf");
        try (InputStream bytes = GgufFile.class.getResourceAsStream("tokenizers/llama2.gguf")) {
            Files.copy(Objects.requireNonNull(bytes), path);
        }
        try (GgufFile gguf = GgufFile.open(path)) {
            HuggingFaceTokenizer tokenizer = new HuggingFaceTokenizer(path, gguf);
            written = tokenizer.tokenizer();
            settings = tokenizer.tokenizerConfig(64);
        }
    }

    @Test
    void tokenizer_sentencePiece_isWhatPythonWasGiven() throws IOException {
        assertThat(written).isEqualTo(resource("llama2.tokenizer.json"));
        assertThat(settings.get("bos_token").getAsString()).isEqualTo("<s>");
        assertThat(settings.get("add_bos_token").getAsBoolean()).isTrue();
    }

    @Test
    void tokenizer_hardTexts_getTheIdsOfPython() throws IOException {
        Tokenizer tokenizer = TokenizerJson.read(new StringReader(written.toString()));
        SoftAssertions softly = new SoftAssertions();
        for (JsonElement element : resource("llama2.ids.json").getAsJsonArray()) {
            JsonObject vector = element.getAsJsonObject();
            String text = vector.get("text").getAsString();
            int[] ids = Goldens.ids(vector.get("ids"));
            softly.assertThat(tokenizer.encode(text, ControlTokens.READ))
                    .as("%s", text)
                    .isEqualTo(ids);
        }
        softly.assertAll();
        assertThat(tokenizer.beginTokens()).containsExactly(1);
    }

    private static JsonElement resource(String name) throws IOException {
        try (Reader reader =
                new InputStreamReader(
                        Objects.requireNonNull(
                                SentencePieceJsonTest.class.getResourceAsStream(name)),
                        StandardCharsets.UTF_8)) {
            return JsonParser.parseReader(reader);
        }
    }
}
