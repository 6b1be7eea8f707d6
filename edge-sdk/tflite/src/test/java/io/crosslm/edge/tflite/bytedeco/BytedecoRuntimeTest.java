package io.crosslm.edge.tflite.bytedeco;

import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.edge.tflite.runtime.SignatureRuntime;
import io.crosslm.slm.tflite.ModelWithoutInputs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BytedecoRuntimeTest {
    @TempDir private Path folder;

    @Test
    void run_signatureWithoutInputs_givesItsOutputsEachTime() throws IOException {
        Path file = Files.write(folder.resolve("model.tflite"), ModelWithoutInputs.write());

        try (SignatureRuntime runtime = new BytedecoLibrary().open(file, 1)) {
            for (int call = 0; call < 2; call++) {
                assertThat(runtime.run("save", Map.of(), List.of("bias")).get("bias").floats())
                        .containsExactly(0, 0);
            }
        }
    }
}
