package io.crosslm.edge.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StorageDirectoryTest {
    @TempDir private Path directory;

    @Test
    void open_ofANewDirectory_isForItsOwnerOnly() throws IOException {
        Path root = directory.resolve("a/b");
        try (StorageDirectory storage = StorageDirectory.open(root)) {
            assertThat(storage).isNotNull();
            assertThat(Files.getPosixFilePermissions(root))
                    .containsExactlyInAnyOrder(
                            PosixFilePermission.OWNER_READ,
                            PosixFilePermission.OWNER_WRITE,
                            PosixFilePermission.OWNER_EXECUTE);
        }
    }

    @Test
    void open_aSecondTime_givesNothingUntilTheFirstIsClosed() throws IOException {
        try (StorageDirectory first = StorageDirectory.open(directory)) {
            assertThat(first).isNotNull();
            assertThat(StorageDirectory.open(directory)).isNull();
        }
        try (StorageDirectory again = StorageDirectory.open(directory)) {
            assertThat(again).isNotNull();
        }
    }

    @Test
    void open_ofAFile_saysSo() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        assertThatThrownBy(() -> StorageDirectory.open(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected a directory, but there is a file");
    }

    @Test
    void delete_ofALink_leavesItsTarget() throws IOException {
        Path kept = Files.createFile(directory.resolve("kept"));
        Path tree = Files.createDirectories(directory.resolve("tree/inner"));
        Files.createSymbolicLink(tree.resolve("link"), directory);
        StorageDirectory.delete(directory.resolve("tree"));
        assertThat(directory.resolve("tree")).doesNotExist();
        assertThat(kept).exists();
    }

    @Test
    void write_ofAFile_replacesItWhole() throws IOException {
        Path file = directory.resolve("state");
        AtomicFile.write(file, new byte[] {1, 2, 3});
        AtomicFile.write(file, new byte[] {4});
        assertThat(Files.readAllBytes(file)).containsExactly(4);
        assertThat(directory.resolve("state.tmp")).doesNotExist();
    }
}
