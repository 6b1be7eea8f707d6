package io.crosslm.slm.classifier;

import com.google.gson.JsonObject;
import io.crosslm.testkit.golden.GoldenTolerance;
import io.crosslm.testkit.golden.Goldens;
import org.junit.jupiter.api.Test;

/** Training of the tiny encoder whose weights are formulas: opset 11, no third-party weights. */
final class FormulaBertGoldenTest {
    private final JsonObject golden = Goldens.json("formula-bert/training.json");
    private final JsonObject weights =
            Goldens.json("formula-bert/bert.json").getAsJsonObject("weights");
    private final byte[] model = Goldens.bytes("formula-bert/bert.onnx");

    @Test
    void head_hardLabels_isPyTorchs() throws Exception {
        head().checkHardLabels(hardLabels("head"));
    }

    @Test
    void head_softLabels_isPyTorchs() throws Exception {
        head().checkSoftLabelMix(golden.getAsJsonObject("softLabelMix").getAsJsonObject("head"));
    }

    @Test
    void loraHead_hardLabels_isPyTorchs() throws Exception {
        lora().checkHardLabels(hardLabels("loraHead"));
    }

    @Test
    void loraHead_softLabels_isPyTorchs() throws Exception {
        lora().checkSoftLabelMix(
                        golden.getAsJsonObject("softLabelMix").getAsJsonObject("loraHead"));
    }

    @Test
    void full_hardLabels_isPyTorchs() throws Exception {
        GoldenTraining.full(golden, weights, model, GoldenTolerance.FORMULA_VALUE, false)
                .checkHardLabels(hardLabels("full"));
    }

    @Test
    void fullWithEmbeddings_hardLabels_isPyTorchs() throws Exception {
        GoldenTraining.full(golden, weights, model, GoldenTolerance.FORMULA_VALUE, true)
                .checkHardLabels(hardLabels("fullWithEmbeddings"));
    }

    @Test
    void head_private_isPyTorchs() throws Exception {
        head().checkPrivate(golden.getAsJsonObject("dpSgd").getAsJsonArray("head"));
    }

    @Test
    void loraHead_private_isPyTorchs() throws Exception {
        lora().checkPrivate(golden.getAsJsonObject("dpSgd").getAsJsonArray("loraHead"));
    }

    private GoldenTraining head() {
        return GoldenTraining.head(golden, weights, model, GoldenTolerance.FORMULA_VALUE);
    }

    private GoldenTraining lora() {
        return GoldenTraining.lora(golden, weights, model, GoldenTolerance.FORMULA_VALUE);
    }

    private JsonObject hardLabels(String mode) {
        return golden.getAsJsonObject("hardLabels").getAsJsonObject(mode);
    }
}
