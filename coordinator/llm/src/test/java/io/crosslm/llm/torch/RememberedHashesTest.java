package io.crosslm.llm.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.format.FileHash;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RememberedHashesTest {
    private static final String OTHER_HASH = "0123456789abcdef".repeat(4);
    private static final Clock LATER = Clock.offset(Clock.systemUTC(), Duration.ofHours(1));

    @TempDir private Path folder;
    private Path kept;
    private Path weights;
    private RememberedHashes hashes;

    @BeforeEach
    void write() throws IOException {
        kept = folder.resolve("cache").resolve("hashes");
        weights = Files.writeString(folder.resolve("weights"), "12345678");
        hashes = new RememberedHashes(kept, 8, LATER);
    }

    /** Puts another hash into what is kept, so that one can tell whether the file was read. */
    static void replaceKept(Path kept, String hash) throws IOException {
        try (Stream<Path> files = Files.list(kept)) {
            for (Path file : files.toList()) {
                String text = Files.readString(file);
                Files.writeString(file, hash + text.substring(text.indexOf('\n')));
            }
        }
    }

    @Test
    void sha256_firstTime_isTheFiles() {
        assertThat(hashes.sha256(weights))
                .isEqualTo("ef797c8118f02dfb649607dd5d3f8c7623048c9c063d532cc95c5ed7a898a64f");
    }

    @Test
    void sha256_unchangedFile_isNotReadAgain() throws IOException {
        hashes.sha256(weights);
        replaceKept(kept, OTHER_HASH);

        RememberedHashes nextRun = new RememberedHashes(kept, 8, LATER);
        assertThat(nextRun.sha256(weights)).isEqualTo(OTHER_HASH);
    }

    @Test
    void sha256_linkToTheFile_isTheSameFile() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("link"), weights);
        hashes.sha256(link);
        replaceKept(kept, OTHER_HASH);

        assertThat(hashes.sha256(weights)).isEqualTo(OTHER_HASH);
    }

    @ParameterizedTest
    @ValueSource(strings = {"123456789", "87654321"})
    void sha256_changedFile_isThatOfTheNewBytes(String bytes) throws IOException {
        hashes.sha256(weights);
        Files.writeString(weights, bytes);
        Files.setLastModifiedTime(weights, FileTime.from(LATER.instant().minusSeconds(60)));

        assertThat(hashes.sha256(weights)).isEqualTo(FileHash.ofText(bytes));
        assertThat(hashes.sha256(weights)).isEqualTo(FileHash.ofText(bytes));
    }

    @Test
    void sha256_changedFileOfOldSizeAndTime_isThatOfTheNewBytes() throws IOException {
        assumeTrue(weights.getFileSystem().supportedFileAttributeViews().contains("unix"));
        FileTime written = FileTime.from(LATER.instant().minusSeconds(86_400));
        Files.setLastModifiedTime(weights, written);
        hashes.sha256(weights);

        Files.writeString(weights, "87654321");
        Files.setLastModifiedTime(weights, written);

        assertThat(hashes.sha256(weights)).isEqualTo(FileHash.ofText("87654321"));
    }

    /** A second write at the same tick of the file system's clock could not be told. */
    @Test
    void sha256_fileJustWritten_isNotRemembered() {
        RememberedHashes now = new RememberedHashes(kept, 8, Clock.systemUTC());

        assertThat(now.sha256(weights)).isEqualTo(FileHash.ofText("12345678"));
        assertThat(kept).doesNotExist();
    }

    @Test
    void sha256_smallFile_isNotRemembered() {
        RememberedHashes large = new RememberedHashes(kept, 9, LATER);

        assertThat(large.sha256(weights)).isEqualTo(FileHash.ofText("12345678"));
        assertThat(kept).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "damaged", "00\n1 2 3\n"})
    void sha256_damagedMemory_isTheFilesAndKeptAnew(String damage) throws IOException {
        hashes.sha256(weights);
        Files.writeString(kept.resolve(FileHash.ofText(weights.toRealPath().toString())), damage);

        assertThat(hashes.sha256(weights)).isEqualTo(FileHash.ofText("12345678"));
        replaceKept(kept, OTHER_HASH);
        assertThat(hashes.sha256(weights)).isEqualTo(OTHER_HASH);
    }

    @Test
    void sha256_folderThatCannotBeMade_isTheFiles() throws IOException {
        Files.writeString(folder.resolve("cache"), "a file");

        assertThat(hashes.sha256(weights)).isEqualTo(FileHash.ofText("12345678"));
    }

    @Test
    void sha256_missingFile_isRefused() {
        assertThatThrownBy(() -> hashes.sha256(folder.resolve("missing")))
                .isInstanceOf(LanguageModelException.class)
                .hasMessageContaining("missing cannot be read");
    }

    @Test
    void sha256_leavesNothingElseInTheFolder() throws IOException {
        hashes.sha256(weights);
        Files.writeString(weights, "87654321");
        hashes.sha256(weights);

        try (Stream<Path> files = Files.list(kept)) {
            List<String> names = files.map(file -> file.getFileName().toString()).toList();
            assertThat(names).containsExactly(FileHash.ofText(weights.toRealPath().toString()));
        }
    }
}
