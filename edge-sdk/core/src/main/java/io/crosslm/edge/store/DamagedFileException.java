package io.crosslm.edge.store;

import java.io.IOException;
import java.nio.file.Path;

/** A file holds something else than what was written. */
public final class DamagedFileException extends IOException {
    private static final long serialVersionUID = 1L;

    /** A file of which the message says what is wrong. */
    public DamagedFileException(String message) {
        super(message);
    }

    /** The same, found by another exception. */
    public DamagedFileException(String message, Throwable cause) {
        super(message, cause);
    }

    DamagedFileException(Path file, int line) {
        super(
                file
                        + ", line "
                        + line
                        + ": expected a record with its checksum, but the line is damaged; move the"
                        + " file away to start anew, the coordinator has what it receipted");
    }
}
