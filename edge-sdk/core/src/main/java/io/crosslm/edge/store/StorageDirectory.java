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
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
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
    private static final String CONTACT = "contact.json";
    private static final String LEDGER = "ledger.jsonl";
    private static final String PACKAGES = "packages";
    private static final String DOWNLOADS = "downloads";
    private static final String TASKS = "tasks";
    private static final String IDENTITY = "identity.json";

    /**
     * What this process has open. A process loses all its locks on a file as soon as it closes any
     * channel of it, so that it must not touch those that it holds.
     */
    private static final Set<Path> OPEN_HERE = ConcurrentHashMap.newKeySet();

    /** What lies in a directory of ours; with an ending while it is written. */
    private static final Set<String> OURS =
            new HashSet<>(
                    Arrays.asList(
                            LOCK, RUNNING, CONTACT, LEDGER, PACKAGES, DOWNLOADS, TASKS, IDENTITY));

    private static final Set<PosixFilePermission> NOT_THE_OWNERS =
            PosixFilePermissions.fromString("---rwxrwx");

    private static final String HALF_WRITTEN = ".tmp";

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
     * Opens the directory, and makes it if it is not there; only the owner may look inside. Of one
     * that was there, see {@link #tighten}.
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

    /**
     * Takes the rights of group and others away, where the file system knows them, if the directory
     * is ours alone: nothing else lies in it, and not everybody may write there, as in /tmp.
     *
     * @return what is wrong with the rights and what to do, if they stay wide; else null
     */
    public @Nullable String tighten() throws IOException {
        PosixFileAttributeView view =
                Files.getFileAttributeView(root, PosixFileAttributeView.class);
        if (view == null) {
            return null;
        }
        Set<PosixFilePermission> rights = view.readAttributes().permissions();
        if (Collections.disjoint(rights, NOT_THE_OWNERS)) {
            return null;
        }
        String reason;
        if (rights.contains(PosixFilePermission.OTHERS_WRITE)) {
            reason = "everybody may write there, so that it looks shared";
        } else if (holdsOthersFiles()) {
            reason = "there are files in it that are not this device's";
        } else {
            try {
                AtomicFile.makePrivate(root);
                return null;
            } catch (IOException e) {
                reason = "they cannot be changed (" + e.getClass().getSimpleName() + ")";
            }
        }
        return "expected a storage directory that only its owner may look into, but "
                + root
                + " has the rights "
                + PosixFilePermissions.toString(rights)
                + ", which stay: "
                + reason
                + "; give the device a directory of its own, or set the rights with chmod 700";
    }

    private boolean holdsOthersFiles() throws IOException {
        try (DirectoryStream<Path> children = Files.newDirectoryStream(root)) {
            for (Path child : children) {
                String name = String.valueOf(child.getFileName());
                if (!OURS.contains(name)
                        && !(name.endsWith(HALF_WRITTEN)
                                && OURS.contains(
                                        name.substring(
                                                0, name.length() - HALF_WRITTEN.length())))) {
                    return true;
                }
            }
        }
        return false;
    }

    /** When the device last heard from its broker. */
    public Path contactNote() {
        return root.resolve(CONTACT);
    }

    public Path ledger() {
        return root.resolve(LEDGER);
    }

    /** Unpacked packages, each in a directory named by its SHA-256. */
    public Path packages() {
        return root.resolve(PACKAGES);
    }

    /** What is being downloaded. */
    public Path downloads() {
        return root.resolve(DOWNLOADS);
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
        return root.resolve(TASKS);
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
