package io.crosslm.agent;

import io.crosslm.edge.EdgeException;
import io.crosslm.edge.model.ModelException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The agent's command line. Exit status: 0 told to stop, 1 cannot go on, 2 wrong usage or config
 * file, 4 the coordinator does not take the device; a restart mends neither 2 nor 4.
 */
@Command(
        name = "crosslm agent",
        subcommands = {StatusCommand.class, ClassifyCommand.class},
        sortOptions = false,
        description =
                "Runs this machine as a device: its private texts stay here, its scores teach the"
                        + " coordinator's language model. Writes one line for each event and runs"
                        + " until SIGTERM or Ctrl-C.")
public final class AgentCommand implements Callable<Integer> {
    static final int OK = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;

    /** The device is revoked, or its enrolment code is not good; 3 is a status of its own. */
    static final int NOT_TAKEN = 4;

    /** A client that still works after so long is left to its journal. */
    private static final Duration LONGEST_STOP = Duration.ofSeconds(20);

    private static final int HELP_COLUMNS = 78;
    private static final String INDENT = "      ";

    private final Clock clock;
    private final PrintStream out;
    private final PrintStream errors;
    private final StopSignal stop;
    private final Duration firstRetry;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "The config file, Java properties in UTF-8.")
    private @Nullable Path config;

    @Option(
            names = "--enrol",
            paramLabel = "CODE",
            description =
                    "The enrolment code, in place of the config file's; used only while this"
                            + " device has no identity. Quote it: it has a #.")
    private @Nullable String enrolmentCode;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help and exit.")
    @SuppressWarnings("UnusedVariable") // picocli acts on it
    private boolean help;

    AgentCommand(
            Clock clock,
            PrintStream out,
            PrintStream errors,
            StopSignal stop,
            Duration firstRetry) {
        this.clock = clock;
        this.out = out;
        this.errors = errors;
        this.stop = stop;
        this.firstRetry = firstRetry;
    }

    public static void main(String[] arguments) {
        StopSignal stop = new StopSignal();
        AgentCommand command =
                new AgentCommand(
                        Clock.systemUTC(), System.out, System.err, stop, Agent.FIRST_RETRY);
        ProcessEnd end = new ProcessEnd(stop);
        Runtime.getRuntime().addShutdownHook(new Thread(end::onSignal, "agent-stop"));
        System.exit(end.reached(command.execute(arguments)));
    }

    /** Runs the command and returns its exit status. */
    int execute(String... arguments) {
        CommandLine commandLine = new CommandLine(this);
        spec.usageMessage().footer(footer());
        return commandLine
                .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(errors, true, StandardCharsets.UTF_8))
                .execute(arguments);
    }

    @Override
    public Integer call() {
        AgentConfig settings;
        try {
            settings = settings(spec.commandLine());
            if (enrolmentCode != null) {
                settings = settings.withEnrolmentCode(enrolmentCode);
            }
        } catch (AgentException e) {
            errors.println(e.getMessage());
            return USAGE;
        }
        EventLog log = new EventLog(clock, out, () -> stop.request(StopSignal.Reason.REVOKED));
        try {
            StopSignal.Reason reason = new Agent(settings, clock, log, stop, firstRetry).run();
            if (reason == StopSignal.Reason.REVOKED) {
                // The last line has said why.
                return NOT_TAKEN;
            }
            log.line("stopped");
            return OK;
        } catch (EdgeException e) {
            errors.println(e.getMessage());
            return e.code() == EdgeException.Code.ENROLMENT_REFUSED ? NOT_TAKEN : FAILED;
        } catch (AgentException | ModelException e) {
            errors.println(e.getMessage());
            return FAILED;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return FAILED;
        }
    }

    /**
     * What the config file says.
     *
     * @param asking the command, for its usage
     * @throws AgentException if the file cannot be used
     */
    AgentConfig settings(CommandLine asking) {
        Path file = config;
        if (file == null) {
            throw new ParameterException(asking, "Missing required option: '--config=FILE'");
        }
        return ConfigFile.read(file);
    }

    PrintStream out() {
        return out;
    }

    PrintStream errors() {
        return errors;
    }

    private static String[] footer() {
        List<String> lines = new ArrayList<>();
        lines.add("");
        lines.add("Keys of the config file (a relative path is relative to its directory):");
        for (ConfigKey key : ConfigKey.values()) {
            String byDefault = key.defaultValue() == null ? "" : " Default: " + key.defaultValue();
            lines.add("  " + key.pattern());
            lines.addAll(wrapped(key.meaning() + byDefault));
        }
        lines.addAll(
                List.of(
                        "",
                        "Example of a config file:",
                        "  enrolment-code = crosslm://10.0.0.5:8080/4KQ7XW2M#9vBq3…",
                        "  storage = /var/lib/crosslm-agent",
                        "  task.reviews.training = /srv/reviews/train.csv.gz",
                        "  task.reviews.text = review",
                        "  task.reviews.label = stars",
                        "",
                        "Examples:",
                        "  crosslm agent --config agent.properties --enrol"
                                + " 'crosslm://10.0.0.5:8080/4KQ7XW2M#9vBq3…'",
                        "  crosslm agent status --config agent.properties",
                        "  crosslm agent classify --config agent.properties 'Is it ready?'"));
        return lines.toArray(String[]::new);
    }

    /** Indented lines, broken at spaces only: picocli would break ".gz" after its point. */
    private static List<String> wrapped(String text) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder(INDENT);
        for (String word : text.split(" ")) {
            if (line.length() + word.length() > HELP_COLUMNS) {
                lines.add(line.toString().stripTrailing());
                line = new StringBuilder(INDENT);
            }
            line.append(word).append(' ');
        }
        lines.add(line.toString().stripTrailing());
        return lines;
    }

    /**
     * Lets a signal end the client first, and the process with the command's own exit status
     * instead of the JVM's 143 or 130.
     */
    private static final class ProcessEnd {
        private final StopSignal stop;
        private final CountDownLatch ended = new CountDownLatch(1);
        private volatile int status = FAILED;

        ProcessEnd(StopSignal stop) {
            this.stop = stop;
        }

        int reached(int exitStatus) {
            status = exitStatus;
            ended.countDown();
            return exitStatus;
        }

        void onSignal() {
            stop.request(StopSignal.Reason.SIGNAL);
            try {
                if (!ended.await(LONGEST_STOP.toMillis(), TimeUnit.MILLISECONDS)) {
                    System.err.println(
                            "did not end within "
                                    + EventLog.seconds(LONGEST_STOP)
                                    + "; the work is resumed at the next start");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            // Only halt sets the exit status once the JVM is on its way down.
            Runtime.getRuntime().halt(status);
        }
    }
}
