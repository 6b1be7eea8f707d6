package io.crosslm.edge.tflite;

import io.crosslm.edge.model.ModelEngine;
import io.crosslm.slm.pack.LightModel;
import io.crosslm.slm.pack.LightPackageBuilder;
import io.crosslm.testkit.LocalModelContract;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

final class TransformerModelTest extends LocalModelContract {
    @Override
    protected ModelEngine engine() {
        return TfliteEngine.engine();
    }

    @Override
    protected void writePackage(Path directory, List<String> labels) throws IOException {
        LightPackages.write(
                directory, LightPackageBuilder.of(labels).model(LightModel.TRANSFORMER));
    }
}
