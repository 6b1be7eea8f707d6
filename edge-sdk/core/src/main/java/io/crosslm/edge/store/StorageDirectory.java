package io.crosslm.edge.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The directory of one client, locked against a second one. Its layout is in this class alone.
 *
 * <p>Two files are locked: one against a second client, and one only so that {@link #isOpen} can
 * ask about it without being taken for a client.
 */
public final class StorageDirectory implements Closeable {
    private static final String LOCK = "lock";
    private static final String RUNNING = "running";

    /**
     * What this process has open. A process loses all its locks on a file as soon as it closes any
     * channel of it, so that it must not touch those that it holds.
     */
    private static final Set<Path> OPEN_HERE = ConcurrentHashMap.newKeySet();

    private final Path root;
    private final @Nullable Path openHere;
    private final List<FileChannel> locks;

    private StorageDirectory(Path root, @Nullable Path openHere, List<FileChannel> locks) {
        this.root = root;
        this.openHere = openHere;
        this.locks = locks;
    }

    /** The directory of a client, running or not, to read from; nothing is locked or made. */
    public static StorageDirectory unlocked(Path root) {
        return new StorageDirectory(root, null, Collections.emptyList());
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
        Path real = root.toRealPath();
        if (!OPEN_HERE.add(real)) {
            return null;
        }
        List<FileChannel> locks = new ArrayList<>();
        boolean open = false;
        try {
            locks.add(channel(real.resolve(LOCK)));
            if (locks.get(0).tryLock() == null) {
                return null;
            }
            locks.add(channel(real.resolve(RUNNING)));
            // Whoever asks holds it for a moment only.
            locks.get(1).lock();
            open = true;
            return new StorageDirectory(root, real, locks);
        } finally {
            if (!open) {
                closeAll(locks);
                OPEN_HERE.remove(real);
            }
        }
    }

    private static FileChannel channel(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    /** Whether a client, of this or of another process, has the directory open. */
    public boolean isOpen() throws IOException {
        Path file = root.resolve(RUNNING);
        if (!Files.exists(file)) {
            return false;
        }
        if (OPEN_HERE.contains(root.toRealPath())) {
            return true;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return channel.tryLock(0, Long.MAX_VALUE, true) == null;
        }
    }

    /** When the device last heard from its broker. */
    public Path contactNote() {
        return root.resolve("contact.json");
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
        return tasks().resolve(task);
    }

    /** Why the device did not do what a task asked for last. */
    public Path workNote(String task) {
        return task(task).resolve("note.json");
    }

    /** Names of the tasks that there is something of, in order. */
    public List<String> taskNames() throws IOException {
        List<String> names = new ArrayList<>();
        if (Files.isDirectory(tasks())) {
            try (DirectoryStream<Path> children = Files.newDirectoryStream(tasks())) {
                children.forEach(child -> names.add(String.valueOf(child.getFileName())));
            }
        }
        Collections.sort(names);
        return names;
    }

    private Path tasks() {
        return root.resolve("tasks");
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
        if (openHere != null) {
            // Closing a channel frees its lock.
            closeAll(locks);
            OPEN_HERE.remove(openHere);
        }
    }

    private static void closeAll(List<FileChannel> channels) throws IOException {
        for (FileChannel channel : channels) {
            channel.close();
        }
    }
}
