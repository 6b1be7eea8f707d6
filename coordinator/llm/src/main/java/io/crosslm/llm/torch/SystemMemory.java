package io.crosslm.llm.torch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * Available memory by Linux: MemAvailable and SwapFree of /proc/meminfo, and where a control group
 * (version 1 or 2) has a limit, what is left below it. Immutable.
 */
final class SystemMemory implements MemorySource {
    // Version 1 writes a number near this where there is no limit.
    private static final long NO_LIMIT = 1L << 60;

    private final Path root;

    /**
     * A reader.
     *
     * @param root folder that holds proc and sys
     */
    SystemMemory(Path root) {
        this.root = root;
    }

    @Override
    public OptionalLong availableBytes() {
        List<String> lines = lines("proc/meminfo");
        long available = kilobytes(lines, "MemAvailable:");
        if (available < 0) {
            return OptionalLong.empty(); // not Linux
        }
        long swap = Math.max(0, kilobytes(lines, "SwapFree:"));
        return OptionalLong.of(Math.min(1024 * (available + swap), belowLimit()));
    }

    private static long kilobytes(List<String> lines, String key) {
        return lines.stream()
                .filter(line -> line.startsWith(key))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElse(-1);
    }

    /** The smallest room below a limit of the process's group or one above it. */
    private long belowLimit() {
        long room = Long.MAX_VALUE;
        for (String line : lines("proc/self/cgroup")) {
            String[] parts = line.split(":", 3);
            if (parts.length == 3 && parts[0].equals("0")) {
                room = Math.min(room, room("sys/fs/cgroup", parts[2], Version.TWO));
            } else if (parts.length == 3 && List.of(parts[1].split(",")).contains("memory")) {
                room = Math.min(room, room("sys/fs/cgroup/memory", parts[2], Version.ONE));
            }
        }
        return room;
    }

    private long room(String mount, String group, Version version) {
        long room = Long.MAX_VALUE;
        Path top = root.resolve(mount).normalize();
        Path folder = top.resolve(group.replaceFirst("^/+", "")).normalize();
        // In a container the group's own path may not be there; its limit is then at the top.
        while (folder != null && folder.startsWith(top)) {
            long limit = number(folder.resolve(version.limit));
            long used = number(folder.resolve(version.used));
            if (limit >= 0 && limit < NO_LIMIT && used >= 0) {
                long files = cachedFiles(folder.resolve("memory.stat"), version.files);
                room = Math.min(room, Math.max(0, limit - used + files));
            }
            folder = folder.getParent();
        }
        return room;
    }

    /** Pages of files that were not used lately: they go when memory is short. */
    private static long cachedFiles(Path stat, String key) {
        try {
            return Files.exists(stat)
                    ? Files.readAllLines(stat).stream()
                            .filter(line -> line.startsWith(key + " "))
                            .mapToLong(line -> Long.parseLong(line.substring(key.length() + 1)))
                            .findFirst()
                            .orElse(0)
                    : 0;
        } catch (IOException | NumberFormatException e) {
            return 0; // Less is known, so less counts as available.
        }
    }

    /** The number in a file; -1 for a file that is not there, and for the word max. */
    private static long number(Path file) {
        try {
            return Files.exists(file) ? Long.parseLong(Files.readString(file).strip()) : -1;
        } catch (IOException | NumberFormatException e) {
            return -1;
        }
    }

    private List<String> lines(String path) {
        try {
            Path file = root.resolve(path);
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            return List.of(); // The machine's memory alone counts.
        }
    }

    private enum Version {
        ONE("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
        TWO("memory.max", "memory.current", "inactive_file");

        private final String limit;
        private final String used;
        private final String files;

        Version(String limit, String used, String files) {
            this.limit = limit;
            this.used = used;
            this.files = files;
        }
    }
}
