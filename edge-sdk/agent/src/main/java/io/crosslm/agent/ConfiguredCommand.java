package io.crosslm.agent;

import io.crosslm.edge.EdgeException;
import io.crosslm.edge.model.ModelException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** A command that looks at what an agent has stored. Exit status 1: it cannot; 2: wrong usage. */
abstract class ConfiguredCommand implements Callable<Integer> {
    @ParentCommand
    @SuppressWarnings("NullAway.Init")
    private AgentCommand agent;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    /** Does the work and returns the exit status. */
    abstract int run(AgentConfig config);

    @Override
    public final Integer call() {
        AgentConfig config;
        try {
            config = agent.settings(spec.commandLine());
        } catch (AgentException e) {
            agent.errors().println(e.getMessage());
            return AgentCommand.USAGE;
        }
        try {
            return run(config);
        } catch (AgentException | EdgeException | ModelException e) {
            agent.errors().println(e.getMessage());
            return AgentCommand.FAILED;
        }
    }

    void print(String line) {
        agent.out().println(line);
    }

    CommandSpec spec() {
        return spec;
    }
}
