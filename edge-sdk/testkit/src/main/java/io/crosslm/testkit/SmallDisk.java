package io.crosslm.testkit;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A real file system of a few kilobytes for one process; nobody else sees it. */
public final class SmallDisk {
    /** Mounts in a name space of its own, then becomes the program. */
    private static final String MOUNT =
            "mount -t tmpfs -o size=\"$2\" tmpfs \"$1\" && shift 2 && exec \"$@\"";

    private SmallDisk() {}

    /**
     * What to write before a command, so that it has a small disk at a directory, which is made.
     * The test is skipped where the system lets nobody mount.
     *
     * @param size as mount takes it, like 64k
     */
    public static List<String> at(Path directory, String size)
            throws IOException, InterruptedException {
        Files.createDirectories(directory);
        List<String> prefix =
                List.of("unshare", "-rm", "sh", "-c", MOUNT, "sh", directory.toString(), size);
        assumeThat(canMount(prefix))
                .as("this system lets a test mount a small file system")
                .isTrue();
        return prefix;
    }

    private static boolean canMount(List<String> prefix) throws InterruptedException {
        List<String> command = new java.util.ArrayList<>(prefix);
        command.add("true");
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            // There is no unshare here.
            return false;
        }
    }
}
