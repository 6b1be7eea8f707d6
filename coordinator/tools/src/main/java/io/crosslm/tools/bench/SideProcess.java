package io.crosslm.tools.bench;

import com.google.gson.JsonObject;
import io.crosslm.tools.ToolException;
import io.crosslm.tools.ToolException.Code;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Runs sides, one process after the other; this process only waits meanwhile. */
final class SideProcess {
    private static final int MESSAGE_LINES = 6;

    private final Map<String, String> environment;

    SideProcess(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    /**
     * Runs a side to its end.
     *
     * @return what it printed; empty if it was not done within the limit, and was ended
     * @throws ToolException if it fails or prints no figure
     * @throws SideCrash if a signal ended it
     */
    Optional<SideResult> run(Side side, WaitPolicy policy, Duration limit) {
        @Nullable Path errors = null;
        try {
            errors = Files.createTempFile("crosslm-bench", ".log");
            ProcessBuilder builder = new ProcessBuilder(side.command());
            builder.environment().putAll(environment);
            builder.environment().put("OMP_WAIT_POLICY", policy.name());
            builder.redirectError(errors.toFile());
            long start = System.nanoTime();
            Process process = builder.start();
            try {
                return await(side, process, start, limit, errors);
            } finally {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        } catch (IOException e) {
            throw new ToolException(
                    Code.PROCESS, side.label() + " does not start: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ToolException(Code.PROCESS, "Interrupted while " + side.label() + " ran", e);
        } finally {
            delete(errors);
        }
    }

    private static Optional<SideResult> await(
            Side side, Process process, long start, Duration limit, Path errors)
            throws InterruptedException, IOException {
        CompletableFuture<@Nullable SideResult> found = new CompletableFuture<>();
        Thread reader = new Thread(() -> read(process, start, found), "bench-reader");
        reader.setDaemon(true);
        reader.start();
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            return Optional.empty();
        }
        reader.join();
        SideResult result = found.getNow(null);
        if (process.exitValue() != 0 || result == null) {
            List<String> lines = Files.readAllLines(errors, StandardCharsets.ISO_8859_1);
            String end =
                    String.join(
                            "\n",
                            lines.subList(Math.max(0, lines.size() - MESSAGE_LINES), lines.size()));
            ToolException problem =
                    new ToolException(
                            Code.PROCESS,
                            side.label()
                                    + (result == null ? " printed no figure" : " failed")
                                    + " and ended with status "
                                    + process.exitValue()
                                    + ": "
                                    + end);
            throw process.exitValue() >= SideCrash.FIRST_STATUS ? new SideCrash(problem) : problem;
        }
        return Optional.of(result);
    }

    private static void read(
            Process process, long start, CompletableFuture<@Nullable SideResult> found) {
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Optional<JsonObject> object = SideResult.parse(line);
                double seconds = BenchOutput.seconds(start);
                object.ifPresent(o -> found.complete(new SideResult(o, seconds)));
            }
        } catch (IOException e) {
            found.completeExceptionally(new UncheckedIOException(e));
        }
    }

    private static void delete(@Nullable Path file) {
        if (file == null) {
            return;
        }
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
