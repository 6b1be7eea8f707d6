package io.crosslm.edge.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.edge.model.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StateFileTest {
    @TempDir Path directory;

    @Test
    void write_thatFailsHalfway_leavesTheOldFileAndNothingElse() throws IOException {
        Path file = directory.resolve("state");
        StateFile.write(file, out -> out.write(new byte[] {1, 2, 3}));

        assertThatThrownBy(
                        () ->
                                StateFile.write(
                                        file,
                                        out -> {
                                            out.write(new byte[1 << 20]);
                                            throw new IOException("no space left");
                                        }))
                .isInstanceOfSatisfying(
                        ModelException.class,
                        e -> assertThat(e.code()).isEqualTo(ModelException.Code.STORAGE));

        assertThat(directory).isDirectoryContaining("glob:**/state");
        assertThat(Files.readAllBytes(file)).containsExactly(1, 2, 3);
        assertThat(directory.toFile().list()).containsExactly("state");
    }
}
