package io.crosslm.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.testkit.SmallDisk;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The agent as a process of its own: what signals do cannot be seen from within. */
@Timeout(120)
final class AgentProcessTest {
    @TempDir Path directory;

    @Test
    void sigterm_whileItRuns_endsWithStatus0() throws Exception {
        try (EnrolmentServer server = EnrolmentServer.start(0)) {
            Path config =
                    new AgentFiles(directory)
                            .config(
                                    server.address().toString(),
                                    "engine = formula",
                                    "enrolment-code = " + EnrolmentServer.GOOD_CODE);
            Process agent = start("--config", config.toString());
            try (BufferedReader out = agent.inputReader(StandardCharsets.UTF_8)) {
                List<String> lines = readUntil(out, "not connected: ");

                agent.toHandle().destroy();
                out.lines().forEach(lines::add);

                assertThat(agent.waitFor(60, TimeUnit.SECONDS)).isTrue();
                assertThat(agent.exitValue()).isEqualTo(AgentCommand.OK);
                assertThat(lines).last().asString().endsWith(" stopped");
            } finally {
                agent.destroyForcibly();
            }
        }
    }

    @Test
    void start_wrongUsage_endsWithStatus2() throws Exception {
        Process agent = start("--no-such-option");

        assertThat(agent.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(agent.exitValue()).isEqualTo(AgentCommand.USAGE);
    }

    @Test
    void start_onAFullDisk_endsWithStatus1AndTheCodeIsNotSpent() throws Exception {
        try (EnrolmentServer server = EnrolmentServer.start(0)) {
            AgentFiles files = new AgentFiles(directory);
            Path config =
                    files.config(
                            server.address().toString(),
                            "engine = formula",
                            "enrolment-code = " + EnrolmentServer.GOOD_CODE);
            List<String> smallDisk = SmallDisk.at(files.storage(), "16k");

            Process agent = start(smallDisk, "--config", config.toString());
            String said = new String(agent.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

            assertThat(agent.waitFor()).isEqualTo(AgentCommand.FAILED);
            assertThat(said).contains("AGENT-4006: ").contains("(No space left on device)");
            assertThat(server.requests()).isZero();
        }
    }

    private static Process start(String... arguments) throws IOException {
        return start(List.of(), arguments);
    }

    private static Process start(List<String> prefix, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        AgentCommand.class.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private static List<String> readUntil(BufferedReader out, String part) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            lines.add(line);
            if (line.contains(part)) {
                return lines;
            }
        }
        throw new AssertionError("expected a line with \"" + part + "\", found " + lines);
    }
}
