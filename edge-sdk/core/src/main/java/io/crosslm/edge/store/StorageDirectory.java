package io.crosslm.edge.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** The directory of one client, locked against a second one. Its layout is in this class alone. */
public final class StorageDirectory implements Closeable {
    private final Path root;
    private final FileChannel lock;

    private StorageDirectory(Path root, FileChannel lock) {
        this.root = root;
        this.lock = lock;
    }

    /**
     * Opens the directory, and makes it if it is not there; only the owner may look inside.
     *
     * @return null if another client, of this or of another process, has it open
     */
    public static @Nullable StorageDirectory open(Path root) throws IOException {
        if (!Files.isDirectory(root)) {
            try {
                Files.createDirectories(root);
            } catch (FileAlreadyExistsException e) {
                throw new IOException("expected a directory, but there is a file: " + root, e);
            }
            AtomicFile.makePrivate(root);
        }
        FileChannel channel =
                FileChannel.open(
                        root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock held = null;
        try {
            held = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            // Held by this process; the same answer as for another one.
            held = null;
        } finally {
            if (held == null) {
                channel.close();
            }
        }
        return held == null ? null : new StorageDirectory(root, channel);
    }

    public Path ledger() {
        return root.resolve("ledger.jsonl");
    }

    /** Unpacked packages, each in a directory named by its SHA-256. */
    public Path packages() {
        return root.resolve("packages");
    }

    /** What is being downloaded. */
    public Path downloads() {
        return root.resolve("downloads");
    }

    /** Everything of one task. */
    public Path task(String task) {
        return root.resolve("tasks").resolve(task);
    }

    /** Deletes a file or a directory with all that is in it; what is not there does no harm. */
    public static void delete(Path path) throws IOException {
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            try (DirectoryStream<Path> children = Files.newDirectoryStream(path)) {
                for (Path child : children) {
                    delete(child);
                }
            }
        }
        Files.deleteIfExists(path);
    }

    @Override
    public void close() throws IOException {
        // Closing the channel frees the lock.
        lock.close();
    }
}
