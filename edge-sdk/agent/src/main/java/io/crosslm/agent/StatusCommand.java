package io.crosslm.agent;

import io.crosslm.edge.DeviceStatus;
import io.crosslm.edge.DeviceStatus.ClientState;
import io.crosslm.edge.EdgeException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/**
 * Tells what an agent is at, from its storage directory. Exit status: 0 it runs, 3 it does not, 1
 * the directory cannot be read, 2 wrong usage or config file.
 */
@Command(
        name = "status",
        sortOptions = false,
        description =
                "Says what the agent of a config file is at: enrolment, connection, rounds, model,"
                        + " what left this machine. Changes nothing. Exit status: 0 the agent runs,"
                        + " 3 it does not, 1 its storage directory cannot be read, 2 wrong usage or"
                        + " config file.",
        footer = {
            "",
            "Examples:",
            "  crosslm agent status --config agent.properties",
            "  crosslm agent status --config agent.properties --json"
        })
final class StatusCommand implements Callable<Integer> {
    static final int NOT_RUNNING = 3;

    @ParentCommand
    @SuppressWarnings("NullAway.Init")
    private AgentCommand agent;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(names = "--json", description = "Print one JSON object, for programs.")
    private boolean json;

    @Override
    public Integer call() {
        AgentConfig config;
        try {
            config = agent.settings(spec.commandLine());
        } catch (AgentException e) {
            agent.errors().println(e.getMessage());
            return AgentCommand.USAGE;
        }
        try {
            DeviceStatus status = DeviceStatus.read(config.storage());
            StatusReport report = new StatusReport(config, status);
            agent.out().println(json ? report.json() : report.text());
            return status.client() == ClientState.RUNNING ? AgentCommand.OK : NOT_RUNNING;
        } catch (EdgeException e) {
            agent.errors().println(e.getMessage());
            return AgentCommand.FAILED;
        }
    }
}
