package io.crosslm.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;

/** Runs commands in this process, with its own environment and without waiting. */
final class Cli {
    private final Map<String, String> environment = new HashMap<>();
    private final List<Long> pauses = new ArrayList<>();
    private boolean interrupted;
    private Path workingDirectory = Path.of("no-such-folder");

    /** Commands that speak to this coordinator with a token. */
    static Cli to(FakeCoordinator coordinator) {
        return bare().variable(CoordinatorAddress.VARIABLE, coordinator.url())
                .variable(AccessToken.VARIABLE, "secret");
    }

    /** Commands without any environment. */
    static Cli bare() {
        return new Cli();
    }

    Cli variable(String name, String value) {
        environment.put(name, value);
        return this;
    }

    Cli in(Path directory) {
        workingDirectory = directory;
        return this;
    }

    Cli interruptedWhenItPauses() {
        interrupted = true;
        return this;
    }

    /** How often the command paused. */
    int pauses() {
        return pauses.size();
    }

    Outcome run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine commandLine =
                new CliCommand(environment, workingDirectory, this::pause)
                        .commandLine()
                        .setOut(new PrintWriter(out))
                        .setErr(new PrintWriter(err, true));
        int status = commandLine.execute(arguments);
        commandLine.getOut().flush();
        return new Outcome(status, out.toString(), err.toString());
    }

    private void pause(Duration duration) throws InterruptedException {
        if (interrupted) {
            throw new InterruptedException();
        }
        pauses.add(duration.toMillis());
    }

    record Outcome(int status, String out, String err) {}
}
