package io.crosslm.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What tells, without reading it, that a file is not what it was.
 *
 * @param bytes {@value #GONE} if there is no file that can be looked at
 * @param identity which file of the file system it is; null where that is not known
 */
record FileVersion(long bytes, Instant changed, @Nullable Object identity) {
    static final long GONE = -1;

    static FileVersion of(Path file) {
        try {
            BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
            return new FileVersion(
                    found.size(), found.lastModifiedTime().toInstant(), found.fileKey());
        } catch (IOException e) {
            // Reading the file says what is wrong with it.
            return new FileVersion(GONE, Instant.EPOCH, null);
        }
    }

    /** Whether the file was written so recently that its writer may go on; the clock may be set. */
    boolean isYoungerThan(Duration age, Instant now) {
        return Duration.between(changed, now).abs().compareTo(age) < 0;
    }

    /** Whether this may be an earlier version with lines added to its end. */
    boolean mayHaveGrownTo(FileVersion later) {
        return identity != null && identity.equals(later.identity) && later.bytes >= bytes;
    }
}
