package io.crosslm.llm.format;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.crosslm.llm.SmolLm2File;
import io.crosslm.testkit.golden.Goldens;
import io.crosslm.text.Tokenizer;
import io.crosslm.text.Tokenizer.ControlTokens;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** SmolLM2's weights and tokenizer as read from its GGUF file. */
final class SmolLm2FileGoldenTest {
    private static ModelFiles model;

    private final JsonObject golden = Goldens.json("smollm2/tokenizer.json");

    @BeforeAll
    static void open() {
        model = ModelFiles.open(SmolLm2File.require());
    }

    @AfterAll
    static void close() {
        if (model != null) {
            model.close();
        }
    }

    @Test
    void read_weights_agreeBitByBit() {
        JsonObject weights = Goldens.json("smollm2/weights.json");
        for (Map.Entry<String, JsonElement> weight : weights.entrySet()) {
            assertThat(Goldens.sha256(model.tensors().read(weight.getKey())))
                    .as(weight.getKey())
                    .isEqualTo(weight.getValue().getAsJsonObject().get("sha256").getAsString());
        }
    }

    @Test
    void encode_texts_agree() {
        check("vectors", ControlTokens.AS_TEXT);
    }

    @Test
    void encode_controlTokensRead_agree() {
        check("specialParsed", ControlTokens.READ);
    }

    @Test
    void encode_controlTokensAsText_agree() {
        check("specialAsText", ControlTokens.AS_TEXT);
    }

    @Test
    void encode_renderedConversations_agree() {
        for (JsonElement element : golden.getAsJsonArray("conversations")) {
            JsonObject conversation = element.getAsJsonObject();
            String rendered = conversation.get("rendered").getAsString();
            assertThat(tokenizer().encode(rendered, ControlTokens.READ))
                    .as(rendered)
                    .containsExactly(Goldens.ids(conversation.get("ids")));
        }
    }

    @Test
    void decode_idsWithBrokenUtf8AndControlTokens_agree() {
        for (JsonElement element : golden.getAsJsonArray("decoded")) {
            JsonObject vector = element.getAsJsonObject();
            assertThat(tokenizer().decode(Goldens.ids(vector.get("ids"))))
                    .isEqualTo(vector.get("textWithoutSpecial").getAsString());
        }
    }

    private void check(String list, ControlTokens controlTokens) {
        for (JsonElement element : golden.getAsJsonArray(list)) {
            JsonObject vector = element.getAsJsonObject();
            String text = vector.get("text").getAsString();
            int[] ids = tokenizer().encode(text, controlTokens);
            assertThat(ids).as(text).containsExactly(Goldens.ids(vector.get("ids")));
            if (controlTokens == ControlTokens.AS_TEXT) {
                assertThat(tokenizer().decode(ids)).isEqualTo(vector.get("decoded").getAsString());
            }
        }
    }

    private static Tokenizer tokenizer() {
        return model.tokenizer().orElseThrow();
    }
}
