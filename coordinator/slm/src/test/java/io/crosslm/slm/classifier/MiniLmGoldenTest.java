package io.crosslm.slm.classifier;

import com.google.gson.JsonObject;
import io.crosslm.slm.encoder.EncoderSource;
import io.crosslm.testkit.golden.GoldenTolerance;
import io.crosslm.testkit.golden.Goldens;
import org.junit.jupiter.api.Test;

/** Training of all-MiniLM-L6-v2 out of its Maven jar. */
final class MiniLmGoldenTest {
    private final JsonObject golden = Goldens.json("minilm/training.json");
    private final JsonObject weights = Goldens.json("minilm/weights.json");
    private final byte[] model = EncoderSource.miniLm().graph();

    @Test
    void head_everyLoss_isPyTorchs() throws Exception {
        GoldenTraining training =
                GoldenTraining.head(golden, weights, model, GoldenTolerance.VALUE);

        training.checkHardLabels(hardLabels("head"));
        training.checkSoftLabelMix(softLabelMix("head"));
        training.checkPrivate(golden.getAsJsonObject("dpSgd").getAsJsonArray("head"));
    }

    @Test
    void loraHead_everyLoss_isPyTorchs() throws Exception {
        GoldenTraining training =
                GoldenTraining.lora(golden, weights, model, GoldenTolerance.VALUE);

        training.checkHardLabels(hardLabels("loraHead"));
        training.checkSoftLabelMix(softLabelMix("loraHead"));
        training.checkPrivate(golden.getAsJsonObject("dpSgd").getAsJsonArray("loraHead"));
    }

    @Test
    void full_hardLabels_isPyTorchs() throws Exception {
        GoldenTraining.full(golden, weights, model, GoldenTolerance.VALUE, false)
                .checkHardLabels(hardLabels("full"));
    }

    private JsonObject hardLabels(String mode) {
        return golden.getAsJsonObject("hardLabels").getAsJsonObject(mode);
    }

    private JsonObject softLabelMix(String mode) {
        return golden.getAsJsonObject("softLabelMix").getAsJsonObject(mode);
    }
}
