package io.crosslm.tools;

import io.crosslm.tools.bench.BenchCommand;
import io.crosslm.tools.demo.DemoCommand;
import io.crosslm.tools.model.EvaluateCommand;
import io.crosslm.tools.model.ModelCommand;
import io.crosslm.tools.slm.SlmCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Root of the offline commands. Exit status: 0 done, 1 failed, 2 wrong usage. */
@Command(
        name = "crosslm",
        description = "Commands that need no running coordinator.",
        mixinStandardHelpOptions = true,
        subcommands = {
            DemoCommand.class,
            ModelCommand.class,
            EvaluateCommand.class,
            SlmCommand.class,
            BenchCommand.class
        })
public final class ToolsCommand {
    private ToolsCommand() {}

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new ToolsCommand());
        commandLine.setCaseInsensitiveEnumValuesAllowed(true);
        commandLine.setExecutionExceptionHandler(
                (failure, command, parsed) -> {
                    String message = failure.getMessage();
                    command.getErr().println("crosslm: " + (message == null ? failure : message));
                    for (Throwable cause = failure.getCause();
                            cause != null;
                            cause = cause.getCause()) {
                        command.getErr().println("  caused by " + cause);
                    }
                    return 1;
                });
        return commandLine;
    }
}
