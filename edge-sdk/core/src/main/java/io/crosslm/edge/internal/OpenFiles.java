package io.crosslm.edge.internal;

import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files that several threads work with: whoever is the last to leave closes them. So a directory
 * stays locked for as long as anybody can still write to it. Thread-safe.
 */
final class OpenFiles {
    private static final Logger log = LoggerFactory.getLogger(OpenFiles.class);

    private final Closeable[] files;
    private final AtomicInteger users = new AtomicInteger(1);

    /** Files to close, in this order; the caller is their first user. */
    OpenFiles(Closeable... files) {
        this.files = files.clone();
    }

    /** Makes a work that uses the files from now on and until it has ended. */
    Runnable user(Runnable work) {
        users.incrementAndGet();
        return () -> {
            try {
                work.run();
            } finally {
                leave();
            }
        };
    }

    /** The caller uses them no more. */
    void leave() {
        if (users.decrementAndGet() == 0) {
            for (Closeable file : files) {
                try {
                    file.close();
                } catch (IOException e) {
                    log.warn("closing a file failed: {}", e.toString());
                }
            }
        }
    }
}
