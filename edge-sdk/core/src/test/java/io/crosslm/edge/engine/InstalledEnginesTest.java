package io.crosslm.edge.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.edge.model.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No engine is on the class path here. */
final class InstalledEnginesTest {
    @TempDir Path directory;

    @Test
    void forPackage_engineNotOnTheClassPath_isNamedWithItsLibrary() throws IOException {
        writeManifest("\"engine\": \"abacus\",");

        assertThatThrownBy(() -> InstalledEngines.forPackage(directory))
                .isInstanceOfSatisfying(
                        ModelException.class,
                        e -> assertThat(e.code()).isEqualTo(ModelException.Code.OTHER_ENGINE))
                .hasMessageContaining("crosslm-edge-abacus");
    }

    @Test
    void read_packageOfBeforeThereWereTwoEngines_isForOnnx() throws IOException {
        writeManifest("");

        assertThat(PackageManifest.read(directory, "onnx").engine()).isEqualTo("onnx");
        assertThatThrownBy(() -> PackageManifest.read(directory, "tflite"))
                .hasMessageStartingWith("SLM-2008");
    }

    @Test
    void read_packageOfANewerFormat_saysWhatToUpdate() throws IOException {
        writeManifest(2, "");

        assertThatThrownBy(() -> PackageManifest.read(directory, "onnx"))
                .isInstanceOfSatisfying(
                        ModelException.class,
                        e -> assertThat(e.code()).isEqualTo(ModelException.Code.BAD_PACKAGE))
                .hasMessageContaining(
                        "format version 2 where at most 1 was expected; update the app's CrossLM"
                                + " library");
    }

    private void writeManifest(String engine) throws IOException {
        writeManifest(1, engine);
    }

    private void writeManifest(int version, String engine) throws IOException {
        Files.writeString(
                directory.resolve("manifest.json"),
                "{\"format\": \"crosslm-slm\", \"version\": "
                        + version
                        + ", "
                        + engine
                        + " \"labels\": [\"no\", \"yes\"], \"files\": [{\"name\": \"model\","
                        + " \"size\": 1, \"sha256\": \"00\"}]}");
    }
}
