package io.crosslm.coordinator.ops;

import io.crosslm.coordinator.round.RoundModel;
import io.crosslm.llm.torch.TorchLanguageModel;
import io.crosslm.llm.torch.TorchSettings;
import io.crosslm.testkit.golden.FormulaModel;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** A model in this process. */
final class LocalRoundModelTest extends RoundModelContract {
    @TempDir private static Path folder;
    private static TorchLanguageModel model;

    @BeforeAll
    static void load() {
        model = TorchLanguageModel.open(FormulaModel.copyTo(folder), TorchSettings.defaults());
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @Override
    RoundModel model() {
        return RoundModel.of(model);
    }
}
