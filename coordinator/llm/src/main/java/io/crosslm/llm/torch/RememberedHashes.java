package io.crosslm.llm.torch;

import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.format.FileHash;
import io.crosslm.llm.source.ModelCatalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SHA-256 of files, large ones read once: beside the hash a folder keeps a file's size and times,
 * and what is kept counts only while they are the same. Thread-safe; programs may share the folder.
 * Where it cannot be read or written, every file is read every time.
 */
final class RememberedHashes {
    /** Smaller files are hashed every time: it takes no time worth a file in the folder. */
    static final long LARGE_BYTES = 64L << 20;

    private static final Logger LOG = LoggerFactory.getLogger(RememberedHashes.class);
    // Two writes this close together may leave one and the same time: FAT's steps are 2 s.
    private static final Duration COARSEST_TIME = Duration.ofSeconds(2);

    private final Path folder;
    private final long largeBytes;
    private final Clock clock;

    /**
     * Hashes kept in a folder.
     *
     * @param folder is made if it is not there
     * @param largeBytes size of the smallest file that is remembered
     */
    RememberedHashes(Path folder, long largeBytes, Clock clock) {
        this.folder = folder;
        this.largeBytes = largeBytes;
        this.clock = clock;
    }

    /** Kept in the folder {@code hashes} of the cache for models. */
    static RememberedHashes standard(Map<String, String> environment) {
        return new RememberedHashes(
                ModelCatalogue.defaultCache(environment).resolve("hashes"),
                LARGE_BYTES,
                Clock.systemUTC());
    }

    /**
     * A file's hash in hexadecimal.
     *
     * @throws LanguageModelException if it cannot be read
     */
    String sha256(Path file) {
        Instant start = clock.instant();
        FileState before = FileState.of(file);
        if (before.bytes() < largeBytes) {
            return FileHash.sha256(file);
        }
        Path kept = folder.resolve(FileHash.ofText(before.path()));
        return kept(kept, before)
                .orElseGet(
                        () -> {
                            String hash = FileHash.sha256(file);
                            boolean settled = before.latest().isBefore(start.minus(COARSEST_TIME));
                            if (settled && FileState.of(file).equals(before)) {
                                keep(kept, before, hash);
                            }
                            return hash;
                        });
    }

    private static Optional<String> kept(Path kept, FileState state) {
        if (!Files.isReadable(kept)) {
            return Optional.empty();
        }
        try {
            List<String> lines = Files.readAllLines(kept);
            boolean same =
                    lines.size() == 2
                            && lines.get(0).matches("[0-9a-f]{64}")
                            && lines.get(1).equals(state.line());
            return same ? Optional.of(lines.get(0)) : Optional.empty();
        } catch (IOException e) {
            LOG.debug("The remembered hash {} cannot be read: {}", kept, e.toString());
            return Optional.empty();
        }
    }

    private void keep(Path kept, FileState state, String hash) {
        try {
            Files.createDirectories(folder);
            Path part = Files.createTempFile(folder, "", ".part");
            try {
                Files.writeString(part, hash + "\n" + state.line() + "\n");
                Files.move(part, kept, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (IOException e) {
            LOG.debug("A hash cannot be remembered in {}: {}", folder, e.toString());
        }
    }

    /**
     * What the file system says of a file.
     *
     * @param path without links
     * @param changed time of the last change, of the file's name or rights too, which nobody can
     *     set back; where there is none, that of the last write once more
     */
    private record FileState(String path, long bytes, FileTime written, FileTime changed) {
        static FileState of(Path file) {
            try {
                Path real = file.toRealPath();
                BasicFileAttributes found = Files.readAttributes(real, BasicFileAttributes.class);
                return new FileState(
                        real.toString(), found.size(), found.lastModifiedTime(), changed(real));
            } catch (IOException e) {
                throw new LanguageModelException(
                        Code.MALFORMED_FILE, file + " cannot be read: " + e.getMessage(), e);
            }
        }

        private static FileTime changed(Path real) throws IOException {
            boolean unix = real.getFileSystem().supportedFileAttributeViews().contains("unix");
            return unix
                    ? (FileTime) Files.getAttribute(real, "unix:ctime")
                    : Files.getLastModifiedTime(real);
        }

        Instant latest() {
            return written.compareTo(changed) > 0 ? written.toInstant() : changed.toInstant();
        }

        /** What is kept beside the hash; the path is in the name of what keeps it. */
        String line() {
            return bytes + " " + written + " " + changed;
        }
    }
}
