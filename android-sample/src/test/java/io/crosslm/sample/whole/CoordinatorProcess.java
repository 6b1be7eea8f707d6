package io.crosslm.sample.whole;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.AssumptionViolatedException;

/** {@code crosslm serve} as a process of its own, and the operator's commands, in one folder. */
final class CoordinatorProcess implements AutoCloseable {
    private static final Duration START = Duration.ofMinutes(3);
    private static final Pattern CODE = Pattern.compile("crosslm\\S*://\\S+");

    private final Path work;
    private final Process process;

    private CoordinatorProcess(Path work, Process process) {
        this.work = work;
        this.process = process;
    }

    /** Starts one with TLS in an empty folder and waits until it answers. */
    static CoordinatorProcess start(Path work) throws Exception {
        requireBuild();
        Process process =
                command(work, "serve", "--port", "0", "--mqtt-port", "0", "--tls", "on")
                        .redirectOutput(work.resolve("coordinator.log").toFile())
                        .start();
        CoordinatorProcess coordinator = new CoordinatorProcess(work, process);
        long end = System.nanoTime() + START.toNanos();
        while (!coordinator.log().contains("CrossLM coordinator ready")) {
            if (!process.isAlive() || System.nanoTime() > end) {
                coordinator.close();
                throw new AssertionError("the coordinator did not start:\n" + coordinator.log());
            }
            Thread.sleep(200);
        }
        return coordinator;
    }

    /** The coordinator is not among the app's modules: it is there after a build of all. */
    private static void requireBuild() {
        Path jar = home().resolve("coordinator/app/target/quarkus-app/quarkus-run.jar");
        Path commands = home().resolve("coordinator/cli/target");
        if (Files.exists(jar) && Files.exists(commands)) {
            return;
        }
        String message =
                "SKIPPED: no coordinator at " + jar + "; build it with mvn -DskipTests package";
        if ("true".equals(System.getenv("CROSSLM_REQUIRE_MODELS"))) {
            throw new AssertionError(message);
        }
        System.err.println(message);
        throw new AssumptionViolatedException(message);
    }

    private static Path home() {
        return Path.of("").toAbsolutePath().getParent();
    }

    private static ProcessBuilder command(Path work, String... arguments) {
        List<String> line = new ArrayList<>();
        line.add(home().resolve("crosslm").toString());
        line.addAll(List.of(arguments));
        return new ProcessBuilder(line).directory(work.toFile()).redirectErrorStream(true);
    }

    /** What an operator's command prints; it must end well. */
    String operator(String... arguments) throws IOException, InterruptedException {
        Process command = command(work, arguments).start();
        String printed =
                new String(command.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (command.waitFor() != 0) {
            throw new AssertionError(String.join(" ", arguments) + " failed:\n" + printed);
        }
        return printed;
    }

    /** A code to enrol with, as the operator reads it to the user. */
    String invite(String task, String name) throws Exception {
        Matcher code = CODE.matcher(operator("device", "invite", "--task", task, "--name", name));
        if (!code.find()) {
            throw new AssertionError("no code was printed");
        }
        return code.group();
    }

    /** One value of what the coordinator tells about a round. */
    String round(String task, int number, String field) throws Exception {
        return JsonParser.parseString(
                        operator("round", "show", task, Integer.toString(number), "--json"))
                .getAsJsonObject()
                .get(field)
                .getAsString();
    }

    String log() throws IOException {
        return Files.readString(work.resolve("coordinator.log"));
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
