package io.crosslm.edge.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
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

    /** As an enrolment makes it before the first client. */
    @Test
    void tighten_ofADirectoryWithOurFilesAlone_leavesItToItsOwner() throws IOException {
        setRights("rwxrwxr-x");
        Files.createFile(directory.resolve("identity.json"));
        Files.createFile(directory.resolve("ledger.jsonl.tmp"));
        try (StorageDirectory storage = StorageDirectory.open(directory)) {
            assertThat(storage.tighten()).isNull();
        }
        assertThat(rights()).isEqualTo("rwx------");
    }

    @Test
    void tighten_ofADirectoryWithFilesOfOthers_warnsAndLeavesIt() throws IOException {
        setRights("rwxr-xr-x");
        Files.createFile(directory.resolve("holiday.jpg"));
        try (StorageDirectory storage = StorageDirectory.open(directory)) {
            assertThat(storage.tighten())
                    .contains("has the rights rwxr-xr-x, which stay")
                    .contains("files in it that are not this device's")
                    .contains("chmod 700")
                    .doesNotContain("holiday");
        }
        assertThat(rights()).isEqualTo("rwxr-xr-x");
    }

    @Test
    void tighten_ofADirectoryThatEverybodyMayWriteTo_warnsAndLeavesIt() throws IOException {
        setRights("rwxrwxrwx");
        try (StorageDirectory storage = StorageDirectory.open(directory)) {
            assertThat(storage.tighten()).contains("everybody may write there");
        }
        assertThat(rights()).isEqualTo("rwxrwxrwx");
    }

    @Test
    void tighten_whereThereAreNoRights_doesNothing() throws IOException {
        URI zip = URI.create("jar:" + directory.resolve("disk.zip").toUri());
        try (FileSystem disk = FileSystems.newFileSystem(zip, Map.of("create", "true"))) {
            Path root = Files.createDirectory(disk.getPath("storage"));
            assertThat(StorageDirectory.unlocked(root).tighten()).isNull();
        }
    }

    private void setRights(String rights) throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString(rights));
    }

    private String rights() throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(directory));
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
