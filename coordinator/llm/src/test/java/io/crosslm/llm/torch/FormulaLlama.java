package io.crosslm.llm.torch;

import io.crosslm.testkit.golden.Goldens;
import java.nio.file.Path;

/** The formula model as files. */
final class FormulaLlama {
    private FormulaLlama() {}

    static Path copy(Path folder) {
        return Goldens.copy(
                folder, "formula-llama/model/config.json", "formula-llama/model/model.safetensors");
    }
}
