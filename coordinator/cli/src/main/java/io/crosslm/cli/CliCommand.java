package io.crosslm.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** Root of the operator's commands. Exit status: 0 done, 1 failed, 2 wrong usage. */
@Command(
        name = "crosslm",
        description = "Tasks, rounds, adapters and devices of a running coordinator.",
        subcommands = {
            TaskCommand.class,
            RoundCommand.class,
            AdapterCommand.class,
            DeviceCommand.class
        },
        footer = {
            "",
            "Examples:",
            "  crosslm task list",
            "  crosslm round start trec --count 3 --wait --coordinator https://10.0.0.5:8080"
        })
public final class CliCommand {
    private final Map<String, String> environment;
    private final Path workingDirectory;
    private final Pause pause;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--coordinator",
            paramLabel = "URL",
            scope = ScopeType.INHERIT,
            description =
                    "Where the coordinator listens (else environment variable "
                            + CoordinatorAddress.VARIABLE
                            + ", else what ./"
                            + CoordinatorAddress.ENDPOINTS_FILE
                            + " says, else "
                            + CoordinatorAddress.DEFAULT
                            + ").")
    private @Nullable String coordinator;

    @Option(
            names = "--ca",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description =
                    "The certificate of the authority that the coordinator's certificate comes"
                            + " from, tls/ca.pem of its data folder (else environment variable "
                            + CoordinatorAddress.AUTHORITY_VARIABLE
                            + ", else that file below ./crosslm-data, else those that the system"
                            + " trusts).")
    private @Nullable Path authority;

    @Option(
            names = "--token",
            paramLabel = "TOKEN",
            scope = ScopeType.INHERIT,
            description =
                    "The administrator's token. Other users of this machine can see it in the list"
                            + " of processes; prefer a file.")
    private @Nullable String token;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description =
                    "A file with the token (else environment variable "
                            + AccessToken.VARIABLE
                            + ", else ./"
                            + AccessToken.DEFAULT_FILE
                            + ").")
    private @Nullable Path tokenFile;

    @Option(
            names = "--json",
            scope = ScopeType.INHERIT,
            description = "Print the coordinator's answer as it came, in JSON.")
    private boolean json;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help and exit.")
    @SuppressWarnings("UnusedVariable") // picocli acts on it
    private boolean help;

    CliCommand(Map<String, String> environment, Path workingDirectory, Pause pause) {
        this.environment = Map.copyOf(environment);
        this.workingDirectory = workingDirectory;
        this.pause = pause;
    }

    public static void main(String[] arguments) {
        CliCommand root = new CliCommand(System.getenv(), Path.of(""), CliCommand::sleep);
        System.exit(root.commandLine().execute(arguments));
    }

    CommandLine commandLine() {
        return new CommandLine(this)
                .setUsageHelpAutoWidth(true)
                .setParameterExceptionHandler(CliCommand::wrongUsage)
                .setExecutionExceptionHandler(CliCommand::failed);
    }

    Coordinator coordinator() {
        return Coordinator.at(
                CoordinatorAddress.find(coordinator, authority, environment, workingDirectory),
                AccessToken.find(
                        token, tokenFile, environment.get(AccessToken.VARIABLE), workingDirectory));
    }

    /** A path as the user means it. */
    Path resolve(Path path) {
        return workingDirectory.resolve(path);
    }

    boolean json() {
        return json;
    }

    Pause pause() {
        return pause;
    }

    PrintWriter out() {
        return spec.commandLine().getOut();
    }

    /** Prints the answer as it came with --json, and the text for people without. */
    void print(Answer answer, String text) {
        PrintWriter out = out();
        if (!json) {
            out.print(text.endsWith("\n") ? text : text + "\n");
        } else if (!answer.body().isEmpty()) {
            out.println(answer.body().stripTrailing());
        }
        out.flush();
    }

    private static int wrongUsage(ParameterException failure, String[] arguments) {
        CommandLine command = failure.getCommandLine();
        PrintWriter err = command.getErr();
        err.println("crosslm: " + failure.getMessage());
        UnmatchedArgumentException.printSuggestions(failure, err);
        err.println("see: " + command.getCommandSpec().qualifiedName() + " --help");
        return CommandLine.ExitCode.USAGE;
    }

    private static int failed(
            Exception failure, CommandLine command, CommandLine.ParseResult parsed)
            throws Exception {
        if (failure instanceof CliException known) {
            command.getErr().println("crosslm: " + known.getMessage());
            return known.code().exitStatus();
        }
        // A defect of this program: picocli prints where it happened and ends with status 1.
        throw failure;
    }

    private static void sleep(Duration duration) throws InterruptedException {
        Thread.sleep(duration.toMillis());
    }
}
