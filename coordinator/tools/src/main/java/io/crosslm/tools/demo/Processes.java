package io.crosslm.tools.demo;

import io.crosslm.tools.ToolException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Child processes with a log file each. Closing ends them all, and so does the end of this JVM.
 *
 * <p>Thread-safe.
 */
final class Processes implements AutoCloseable {
    private static final int GRACE_SECONDS = 10;

    private final Path home;
    private final Path logFolder;
    private final Map<String, Process> running = new LinkedHashMap<>();
    private final Thread atExit = new Thread(this::endAtExit, "end-processes");
    private volatile boolean jvmEnds;

    /**
     * Processes of the installation at {@code home}.
     *
     * @param home folder that holds the launcher script
     * @param logFolder takes one file for each process
     */
    Processes(Path home, Path logFolder) {
        this.home = home;
        this.logFolder = logFolder;
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /** Starts {@code crosslm arguments…}. */
    void start(String name, List<String> arguments, Map<String, String> environment) {
        List<String> command = new ArrayList<>();
        command.add(home.resolve("crosslm").toString());
        command.addAll(arguments);
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log(name).toFile()));
        builder.environment().putAll(environment);
        try {
            synchronized (running) {
                running.put(name, builder.start());
            }
        } catch (IOException e) {
            throw new ToolException(
                    ToolException.Code.PROCESS, "cannot start " + String.join(" ", command), e);
        }
    }

    /** Ends a process at once, as {@code kill -9} does, and waits until it is gone. */
    void kill(String name) {
        Process process;
        synchronized (running) {
            process = running.remove(name);
        }
        if (process == null) {
            throw new IllegalArgumentException("There is no process " + name);
        }
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The system's number of a process. */
    long pid(String name) {
        synchronized (running) {
            Process process = running.get(name);
            if (process == null) {
                throw new IllegalArgumentException("There is no process " + name);
            }
            return process.pid();
        }
    }

    Path log(String name) {
        return logFolder.resolve(name + ".log");
    }

    /**
     * Checks that all processes live.
     *
     * @throws ToolException if one has ended; its last lines are in the message
     */
    void check() {
        synchronized (running) {
            running.forEach(
                    (name, process) -> {
                        if (!process.isAlive()) {
                            throw new ToolException(
                                    ToolException.Code.PROCESS,
                                    name
                                            + " ended with status "
                                            + process.exitValue()
                                            + "; the end of "
                                            + log(name)
                                            + ":\n"
                                            + lastLines(log(name)));
                        }
                    });
        }
    }

    /** Peak resident memory of each process in bytes, where the system tells. */
    Map<String, Long> peakMemory() {
        Map<String, Long> peaks = new LinkedHashMap<>();
        synchronized (running) {
            running.forEach(
                    (name, process) -> {
                        long bytes = peakMemoryOf(process.pid());
                        if (bytes > 0) {
                            peaks.put(name, bytes);
                        }
                    });
        }
        return peaks;
    }

    /** Peak resident memory of a process in bytes, 0 if the system does not tell. */
    static long peakMemoryOf(long pid) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"))) {
                if (line.startsWith("VmHWM:")) {
                    return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
                }
            }
        } catch (IOException e) {
            return 0; // Not Linux, or the process has just ended: memory is then not shown.
        }
        return 0;
    }

    private static String lastLines(Path log) {
        try {
            List<String> lines = Files.readAllLines(log);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        endAll();
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            // The JVM is ending already, and the hook runs or has run.
            return;
        }
    }

    private void endAtExit() {
        jvmEnds = true;
        endAll();
    }

    /** Whether this JVM ends, by Ctrl-C for instance; its processes then fall silent. */
    boolean jvmEnds() {
        return jvmEnds;
    }

    private void endAll() {
        List<Process> all;
        synchronized (running) {
            all = new ArrayList<>(running.values());
            running.clear();
        }
        all.forEach(Process::destroy);
        for (Process process : all) {
            try {
                if (!process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
    }
}
