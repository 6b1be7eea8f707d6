package io.crosslm.edge.onnx;

import io.crosslm.edge.model.ModelEngine;
import io.crosslm.slm.pack.SlmMode;
import io.crosslm.testkit.LocalModelContract;
import java.nio.file.Path;
import java.util.List;

final class OnnxLoraModelTest extends LocalModelContract {
    @Override
    protected ModelEngine engine() {
        return OnnxEngine.engine();
    }

    @Override
    protected void writePackage(Path directory, List<String> labels) {
        MiniLmPackages.write(directory, SlmMode.LORA, labels);
    }
}
