package io.crosslm.llm.torch;

import io.crosslm.testkit.golden.FormulaModel;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Tests of the formula model, which is loaded once for those of a class. */
abstract class SmallModelTest {
    @TempDir static Path folder;
    static TorchLanguageModel model;

    @BeforeAll
    static void load() {
        model = TorchLanguageModel.open(FormulaModel.copyTo(folder), TorchSettings.defaults());
    }

    @AfterAll
    static void close() {
        model.close();
    }
}
