package io.crosslm.agent;

import io.crosslm.edge.DeviceStatus;
import io.crosslm.edge.DeviceStatus.ClientState;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

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
final class StatusCommand extends ConfiguredCommand {
    static final int NOT_RUNNING = 3;

    @Option(names = "--json", description = "Print one JSON object, for programs.")
    private boolean json;

    @Override
    int run(AgentConfig config) {
        DeviceStatus status = DeviceStatus.read(config.storage());
        StatusReport report = new StatusReport(config, status);
        print(json ? report.json() : report.text());
        return status.client() == ClientState.RUNNING ? AgentCommand.OK : NOT_RUNNING;
    }
}
