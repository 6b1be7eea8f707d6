package io.crosslm.coordinator.artifact;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.protocol.Limits;
import io.crosslm.protocol.Sha256;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Artifacts in a folder, each under its hash. A file gets its name when all of it is on the disk,
 * so that a name never stands for half a file. Thread-safe.
 */
public final class ArtifactStore {
    private static final int BUFFER_BYTES = 1 << 16;

    private final Path folder;
    private final Path unfinished;

    private ArtifactStore(Path folder) {
        this.folder = folder;
        this.unfinished = folder.resolve("unfinished");
    }

    /** Opens a folder, makes it if need be, and throws away what an earlier end left unfinished. */
    public static ArtifactStore open(Path folder) {
        ArtifactStore store = new ArtifactStore(folder);
        try {
            Files.createDirectories(store.unfinished);
            try (Stream<Path> files = Files.list(store.unfinished)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
        } catch (IOException e) {
            throw store.noDisk(e);
        }
        return store;
    }

    /** Keeps bytes; the same again does no harm. */
    public Sha256 put(byte[] bytes) {
        return put(new ByteArrayInputStream(bytes));
    }

    /**
     * Keeps what a stream gives; does not close it.
     *
     * @throws CoordinatorException NO_DISK if it cannot be written, BAD_REQUEST if it is larger
     *     than an artifact may be
     */
    public Sha256 put(InputStream data) {
        try {
            Path part = Files.createTempFile(unfinished, "put", null);
            try {
                Sha256 name = copy(data, part);
                Path shelf = Files.createDirectories(shelf(name));
                Files.move(part, path(name), StandardCopyOption.ATOMIC_MOVE);
                force(shelf);
                return name;
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (IOException e) {
            throw noDisk(e);
        }
    }

    /** The artifact's file, if it is kept; nobody may write to it. */
    public Optional<Path> find(Sha256 name) {
        return Optional.of(path(name)).filter(Files::isRegularFile);
    }

    /**
     * Keeps an artifact no longer; who reads it now reads it to its end. No harm is done if it is
     * not there.
     *
     * @throws CoordinatorException NO_DISK if it cannot be deleted
     */
    public void delete(Sha256 name) {
        try {
            Files.deleteIfExists(path(name));
        } catch (IOException e) {
            throw noDisk(e);
        }
    }

    /** The artifact's bytes in memory; for parts of a round, not for models. */
    public Optional<byte[]> read(Sha256 name) {
        return find(name)
                .map(
                        file -> {
                            try {
                                return Files.readAllBytes(file);
                            } catch (IOException e) {
                                throw noDisk(e);
                            }
                        });
    }

    /** One of 256 folders, so that each stays small. */
    private Path shelf(Sha256 name) {
        return folder.resolve(name.hex().substring(0, 2));
    }

    private Path path(Sha256 name) {
        return shelf(name).resolve(name.hex());
    }

    private static Sha256 copy(InputStream data, Path file) throws IOException {
        MessageDigest digest = Sha256.digest();
        byte[] buffer = new byte[BUFFER_BYTES];
        long size = 0;
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.WRITE)) {
            int count;
            while ((count = data.read(buffer)) >= 0) {
                size += count;
                if (size > Limits.MAX_ARTIFACT_BYTES) {
                    throw new CoordinatorException(
                            Code.BAD_REQUEST,
                            "an artifact has at most "
                                    + Limits.MAX_ARTIFACT_BYTES
                                    + " bytes, but this one has more");
                }
                digest.update(buffer, 0, count);
                ByteBuffer rest = ByteBuffer.wrap(buffer, 0, count);
                while (rest.hasRemaining()) {
                    out.write(rest);
                }
            }
            out.force(true);
        }
        return Sha256.of(digest.digest());
    }

    /** The name is on the disk only when its folder is. */
    private static void force(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private CoordinatorException noDisk(IOException cause) {
        return new CoordinatorException(
                Code.NO_DISK,
                "cannot read or write artifacts in "
                        + folder
                        + " ("
                        + cause.getMessage()
                        + "); is the disk full or the folder not writable?",
                cause);
    }
}
