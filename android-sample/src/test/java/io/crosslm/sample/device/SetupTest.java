package io.crosslm.sample.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SetupTest {
    @TempDir private Path directory;

    @Test
    void labels_asWritten_areTrimmedAndOnceEach() {
        assertThat(Setup.labels(" good, bad,,good\nso so "))
                .containsExactly("good", "bad", "so so");
    }

    @Test
    void read_afterWrite_givesTheSame() throws Exception {
        Path file = directory.resolve("setup.json");
        Setup setup = new Setup("mood", List.of("good", "bad"), "onnx", true);
        setup.write(file);
        assertThat(Setup.read(file)).hasValue(setup);
    }

    @Test
    void read_ofADamagedFile_isThatOfAPhoneToEnrol() throws Exception {
        Path file = Files.writeString(directory.resolve("setup.json"), "{\"task\":\"mood\"}");
        assertThat(Setup.read(file)).isEmpty();
    }
}
