package io.crosslm.edge.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PackageArchiveTest {
    @TempDir private Path directory;
    private Path zip;
    private Path target;

    @BeforeEach
    void name() {
        zip = directory.resolve("package.zip");
        target = directory.resolve("packages").resolve("aa");
    }

    private void write(String... names) throws IOException {
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
            for (String name : names) {
                out.putNextEntry(new ZipEntry(name));
                out.write("content of the file".getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    @Test
    void unpack_ofFilesAndDirectories_bringsThemAll() throws IOException {
        write("manifest.json", "graph/score.onnx");
        PackageArchive.unpack(zip, target, 1_000);
        assertThat(target.resolve("graph/score.onnx")).hasContent("content of the file");
        assertThat(target.resolve("manifest.json")).exists();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../evil", "/etc/evil", "a/../../evil", "..\\evil", ".", "a/.."})
    void unpack_ofPathsOutside_isRefusedAndLeavesNothing(String name) throws IOException {
        write("good", name);
        assertThatThrownBy(() -> PackageArchive.unpack(zip, target, 1_000))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("a path that is not below it");
        assertThat(target).doesNotExist();
        assertThat(directory.resolve("evil")).doesNotExist();
        assertThat(target.getParent()).isEmptyDirectory();
    }

    @Test
    void unpack_ofMoreBytesThanAllowed_isRefused() throws IOException {
        write("a", "b", "c");
        assertThatThrownBy(() -> PackageArchive.unpack(zip, target, 50))
                .hasMessageContaining("more bytes than allowed");
        assertThat(target).doesNotExist();
    }

    @Test
    void unpack_ofTooManyFiles_isRefused() throws IOException {
        String[] names = new String[PackageArchive.MAX_FILES + 1];
        for (int i = 0; i < names.length; i++) {
            names[i] = "file" + i;
        }
        write(names);
        assertThatThrownBy(() -> PackageArchive.unpack(zip, target, 1_000_000))
                .hasMessageContaining("more than 256 entries");
    }

    @Test
    void unpack_ofSomethingElse_isRefused() throws IOException {
        Files.writeString(zip, "this is no zip at all");
        assertThatThrownBy(() -> PackageArchive.unpack(zip, target, 1_000))
                .isInstanceOf(IOException.class);
        assertThat(target).doesNotExist();
    }

    @Test
    void unpack_afterAKilledAttempt_beginsAnew() throws IOException {
        Path left = target.resolveSibling("aa.tmp");
        Files.createDirectories(left);
        Files.writeString(left.resolve("manifest.json"), "half");
        write("manifest.json");
        PackageArchive.unpack(zip, target, 1_000);
        assertThat(target.resolve("manifest.json")).hasContent("content of the file");
        assertThat(left).doesNotExist();
    }
}
