package io.crosslm.llm.torch;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.FormulaModel;
import io.crosslm.llm.export.ModelExport;
import io.crosslm.llm.export.NumberType;
import io.crosslm.llm.format.ModelFiles;
import io.crosslm.testkit.golden.GoldenTolerance;
import io.crosslm.testkit.golden.Goldens;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Exported models of every family answer as Transformers does with the original. */
final class FamilyExportTest {
    @TempDir private Path folder;

    private Path gguf(String variant) {
        Path written = folder.resolve(variant + ".gguf");
        try (ModelFiles files =
                ModelFiles.open(FormulaModel.of(variant).writeFolder(folder.resolve(variant)))) {
            ModelExport.of(files, Adapter.none()).toGguf(NumberType.F32, written);
        }
        return written;
    }

    @ParameterizedTest
    @ValueSource(strings = {"untied", "llama3-rope", "qwen2", "qwen3"})
    void gguf_ofFolder_answersAlike(String variant) {
        checkForward(gguf(variant), variant);
    }

    @ParameterizedTest
    @ValueSource(strings = {"untied", "qwen2", "qwen3"})
    void safetensors_ofGguf_answersAlike(String variant) {
        Path again = folder.resolve("again");
        try (ModelFiles files = ModelFiles.open(gguf(variant))) {
            ModelExport.of(files, Adapter.none()).toSafetensors(NumberType.F32, 1 << 30, again);
        }
        checkForward(again, variant);
    }

    @Test
    void gguf_ofMistralWithAWindow_isRefused() {
        assertThatThrownBy(() -> gguf("mistral")).hasMessageContaining("attends to");
    }

    private static void checkForward(Path path, String variant) {
        JsonObject golden = Goldens.json("formula-llama/" + variant + ".json");
        try (ModelFiles files = ModelFiles.open(path);
                Decoder decoder = Decoder.load(files, TorchSettings.defaults())) {
            GoldenModel model = new GoldenModel(decoder, GoldenTolerance.FORMULA_VALUE);
            for (JsonElement element : golden.getAsJsonArray("cases")) {
                JsonObject item = element.getAsJsonObject();
                GoldenTolerance.FORMULA_VALUE.check(
                        "logits",
                        model.lastLogits(Goldens.ids(item.get("ids")), Adapter.none()),
                        Goldens.numbers(item.get("lastLogits")));
            }
        }
    }
}
