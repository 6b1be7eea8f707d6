package io.crosslm.llm.format;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.crosslm.testkit.golden.Goldens;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights of the formula model after reading must agree bit by bit in every format. */
final class FormulaLlamaFilesGoldenTest {
    @TempDir private Path folder;

    private final JsonObject files = Goldens.json("formula-llama/files.json");

    @BeforeEach
    void copyFiles() {
        Goldens.copy(folder, "formula-llama/llama-f32.gguf", "formula-llama/quants.gguf");
        Goldens.copy(
                folder.resolve("model"),
                "formula-llama/model/config.json",
                "formula-llama/model/model.safetensors");
        Goldens.copy(
                folder.resolve("model-bf16"),
                "formula-llama/model-bf16/config.json",
                "formula-llama/model-bf16/model.safetensors.index.json",
                "formula-llama/model-bf16/model-00001-of-00002.safetensors",
                "formula-llama/model-bf16/model-00002-of-00002.safetensors");
    }

    @Test
    void read_safetensors_agreesWithFormula() {
        try (ModelFiles model = ModelFiles.open(folder.resolve("model"))) {
            checkBase(model.tensors());
        }
    }

    @Test
    void read_gguf_agreesWithFormulaInHuggingFaceOrder() {
        try (ModelFiles model = ModelFiles.open(folder.resolve("llama-f32.gguf"))) {
            checkBase(model.tensors());
        }
    }

    private static void checkBase(TensorFile tensors) {
        JsonObject weights = Goldens.json("formula-llama/llama.json").getAsJsonObject("weights");
        assertThat(tensors.names()).containsExactlyInAnyOrderElementsOf(weights.keySet());
        for (Map.Entry<String, JsonElement> weight : weights.entrySet()) {
            assertThat(Goldens.sha256(tensors.read(weight.getKey())))
                    .as(weight.getKey())
                    .isEqualTo(weight.getValue().getAsJsonObject().get("sha256").getAsString());
        }
    }

    @Test
    void read_ggufWithFilesNames_keepsFilesOrder() {
        JsonObject expected = files.getAsJsonObject("llama-f32.gguf");
        try (GgufFile file = GgufFile.open(folder.resolve("llama-f32.gguf"))) {
            for (Map.Entry<String, JsonElement> weight : expected.entrySet()) {
                assertThat(Goldens.sha256(file.read(weight.getKey())))
                        .as(weight.getKey())
                        .isEqualTo(weight.getValue().getAsJsonObject().get("sha256").getAsString());
            }
        }
    }

    @Test
    void read_shardedBf16_agrees() {
        JsonObject expected = files.getAsJsonObject("model-bf16").getAsJsonObject("weights");
        try (ModelFiles model = ModelFiles.open(folder.resolve("model-bf16"))) {
            for (Map.Entry<String, JsonElement> weight : expected.entrySet()) {
                assertThat(Goldens.sha256(model.tensors().read(weight.getKey())))
                        .as(weight.getKey())
                        .isEqualTo(weight.getValue().getAsString());
            }
        }
    }

    @Test
    void readRows_partOfHalvedHeads_isThatPartOfTheWhole() {
        try (ModelFiles model = ModelFiles.open(folder.resolve("llama-f32.gguf"))) {
            String name = "model.layers.1.self_attn.q_proj.weight";
            float[] whole = model.tensors().read(name);
            java.nio.FloatBuffer part = java.nio.FloatBuffer.allocate(9 * 32);
            model.tensors().readRows(name, 5, 9, part);
            assertThat(part.array())
                    .containsExactly(java.util.Arrays.copyOfRange(whole, 5 * 32, 14 * 32));
        }
    }

    @Test
    void configurations_ofFolderAndGguf_areTheSame() {
        try (ModelFiles model = ModelFiles.open(folder.resolve("model"));
                ModelFiles gguf = ModelFiles.open(folder.resolve("llama-f32.gguf"))) {
            assertThat(gguf.configuration())
                    .usingRecursiveComparison()
                    .withEqualsForType(
                            (Double a, Double b) -> Math.abs(a - b) < 1e-12, Double.class)
                    .isEqualTo(model.configuration());
        }
    }

    @Test
    void read_everyQuantisation_agreesBitByBit() {
        JsonObject expected = files.getAsJsonObject("quants.gguf").getAsJsonObject("tensors");
        try (GgufFile file = GgufFile.open(folder.resolve("quants.gguf"))) {
            assertThat(file.names()).containsExactlyInAnyOrderElementsOf(expected.keySet());
            for (Map.Entry<String, JsonElement> tensor : expected.entrySet()) {
                assertThat(Goldens.sha256(file.read(tensor.getKey())))
                        .as(tensor.getKey())
                        .isEqualTo(tensor.getValue().getAsJsonObject().get("sha256").getAsString());
            }
        }
    }
}
