package io.crosslm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The program as it is packed: the native binary with {@code -Dnative}, else its jar. */
final class PackedCliIT {
    private static final String BINARY = "crosslm.cli.binary";
    private static final String JAR = "crosslm.cli.jar";

    private final FakeCoordinator coordinator = new FakeCoordinator();

    @TempDir private Path folder;

    @AfterEach
    void close() {
        coordinator.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "task",
                "task add",
                "task list",
                "task show",
                "round",
                "round start",
                "round list",
                "round show",
                "round cancel",
                "device",
                "device invite",
                "device list",
                "device revoke"
            })
    void help_ofEveryCommand_showsItsUsage(String command) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(command.split(" ")));
        arguments.removeIf(String::isEmpty);
        arguments.add("--help");

        Outcome outcome = run(arguments.toArray(String[]::new));

        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.status()).isZero();
        assertThat(outcome.out()).startsWith("Usage: crosslm");
    }

    @Test
    void invite_tasksAndName_sendsThemAndPrintsTheCode() throws Exception {
        coordinator.answer(
                "POST /v1/enrolment-codes", 201, "{\"code\":\"crosslm://127.0.0.1:8080/ABCD\"}");

        Outcome outcome =
                run(
                        "device",
                        "invite",
                        "--task",
                        "trec",
                        "--name",
                        "silo-1",
                        "--coordinator",
                        coordinator.url(),
                        "--token",
                        "secret");

        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.out()).contains("crosslm://127.0.0.1:8080/ABCD");
        assertThat(coordinator.onlyRequest().authorization()).isEqualTo("Bearer secret");
        assertThat(coordinator.onlyRequest().body())
                .isEqualTo("{\"name\":\"silo-1\",\"tasks\":[\"trec\"],\"ttlSeconds\":3600}");
    }

    @Test
    void list_refusedToken_saysWhereTheRightOneIs() throws Exception {
        coordinator.problem(
                "GET /v1/tasks", 401, "{\"code\":\"COORD-4005\",\"detail\":\"no such token\"}");

        Outcome outcome =
                run("task", "list", "--coordinator", coordinator.url(), "--token", "wrong");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err())
                .contains("does not know the access token")
                .doesNotContain("wrong");
    }

    @Test
    void unknownCommand_isWrongUsageWithASuggestion() throws Exception {
        Outcome outcome = run("taks", "list");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err()).contains("task", "--help");
    }

    private Outcome run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(program());
        command.addAll(List.of(arguments));
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        Process process =
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return new Outcome(
                process.exitValue(),
                Files.readString(out, StandardCharsets.UTF_8),
                Files.readString(err, StandardCharsets.UTF_8));
    }

    private static List<String> program() {
        String binary = System.getProperty(BINARY);
        if (binary != null) {
            return List.of(binary);
        }
        Path jar = Path.of(System.getProperty(JAR));
        return List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                jar + ":" + jar.resolveSibling("lib") + "/*",
                CliCommand.class.getName());
    }

    private record Outcome(int status, String out, String err) {}
}
