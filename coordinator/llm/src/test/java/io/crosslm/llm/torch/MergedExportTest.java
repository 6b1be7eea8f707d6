package io.crosslm.llm.torch;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.export.ModelExport;
import io.crosslm.llm.export.NumberType;
import io.crosslm.llm.format.ModelFiles;
import io.crosslm.llm.format.PeftAdapter;
import io.crosslm.testkit.golden.GoldenTolerance;
import io.crosslm.testkit.golden.Goldens;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Merged models answer as PEFT does with the base and the adapter apart. */
final class MergedExportTest {
    private static final String GGUF = "formula-llama/llama-f32.gguf";

    @TempDir private Path folder;

    @Test
    void safetensors_ofFolder_answerAsPeft() {
        Path base = FormulaLlama.copy(folder.resolve("base"));
        Path merged = folder.resolve("merged");
        try (ModelFiles files = ModelFiles.open(base)) {
            ModelExport.of(files, adapter()).toSafetensors(NumberType.F32, 20_000, merged);
        }

        checkAnswers(merged);
    }

    @Test
    void gguf_ofFolder_answersAsPeft() {
        Path base = FormulaLlama.copy(folder.resolve("base"));
        Path merged = folder.resolve("merged.gguf");
        try (ModelFiles files = ModelFiles.open(base)) {
            ModelExport.of(files, adapter()).toGguf(NumberType.F32, merged);
        }

        checkAnswers(merged);
    }

    @Test
    void gguf_ofGguf_answersAsPeft() {
        Path base = Goldens.copy(folder, GGUF).resolve("llama-f32.gguf");
        Path merged = folder.resolve("merged.gguf");
        try (ModelFiles files = ModelFiles.open(base)) {
            ModelExport.of(files, adapter()).toGguf(NumberType.F32, merged);
        }

        checkAnswers(merged);
    }

    private Adapter adapter() {
        return PeftAdapter.read(
                Goldens.copy(
                        folder.resolve("adapter"),
                        "formula-llama/adapter/adapter_config.json",
                        "formula-llama/adapter/adapter_model.safetensors"));
    }

    private static void checkAnswers(Path merged) {
        JsonObject expected = Goldens.json("formula-llama/adapter/expected.json");
        try (ModelFiles files = ModelFiles.open(merged);
                Decoder decoder = Decoder.load(files, TorchSettings.defaults())) {
            GoldenModel model = new GoldenModel(decoder, GoldenTolerance.FORMULA_VALUE);
            for (JsonElement element : expected.getAsJsonArray("cases")) {
                JsonObject item = element.getAsJsonObject();
                JsonObject last = item.getAsJsonObject("lastLogits");
                float[] logits = model.lastLogits(Goldens.ids(item.get("ids")), Adapter.none());
                double[] actual =
                        Arrays.stream(Goldens.ids(last.get("ids")))
                                .mapToDouble(i -> logits[i])
                                .toArray();
                GoldenTolerance.FORMULA_VALUE.check(
                        "logits", actual, Goldens.numbers(last.get("logits")));
            }
        }
    }
}
