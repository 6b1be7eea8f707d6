package io.crosslm.testkit;

import io.crosslm.edge.model.ModelEngine;
import java.nio.file.Path;
import java.util.List;

final class FormulaModelTest extends LocalModelContract {
    @Override
    protected ModelEngine engine() {
        return new FormulaEngine();
    }

    @Override
    protected void writePackage(Path directory, List<String> labels) {
        FormulaPackage.writeDirectory(directory, labels);
    }
}
