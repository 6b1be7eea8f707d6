package io.crosslm.coordinator.ops;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The data folder while this process has it; the system gives the lock back even after kill -9.
 * Confined to the thread that starts and stops the service.
 */
final class DataFolder implements AutoCloseable {
    private final FileChannel channel;

    private DataFolder(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Makes the folder if need be and takes it.
     *
     * @throws CoordinatorException BAD_DATA_FOLDER if it cannot be written or another process has
     *     it
     */
    static DataFolder open(Path folder) {
        try {
            Files.createDirectories(folder);
            FileChannel channel =
                    FileChannel.open(
                            folder.resolve("lock"),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE);
            if (lock(channel) == null) {
                channel.close();
                throw new CoordinatorException(
                        Code.BAD_DATA_FOLDER,
                        "another coordinator works with the data folder "
                                + folder.toAbsolutePath()
                                + "; stop it, or set crosslm.data-dir to another one");
            }
            Files.delete(Files.createTempFile(folder, "writable", null));
            return new DataFolder(channel);
        } catch (IOException e) {
            throw new CoordinatorException(
                    Code.BAD_DATA_FOLDER,
                    "cannot write to the data folder "
                            + folder.toAbsolutePath()
                            + " ("
                            + e
                            + "); make it writable, free some disk, or set crosslm.data-dir to"
                            + " another one",
                    e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // The lock ends with the process at the latest.
        }
    }

    private static @Nullable FileLock lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }
}
