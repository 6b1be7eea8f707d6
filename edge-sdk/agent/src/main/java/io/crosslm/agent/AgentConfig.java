package io.crosslm.agent;

import io.crosslm.protocol.TaskName;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What a config file says, checked by {@link ConfigFile}.
 *
 * @param coordinator in place of the address that enrolment code or identity name
 * @param enrolmentCode a secret until it is used
 */
record AgentConfig(
        Optional<URI> coordinator,
        Optional<String> enrolmentCode,
        Path storage,
        String engine,
        Resources resources,
        List<TaskFiles> tasks) {
    AgentConfig {
        tasks = List.copyOf(tasks);
    }

    /** The same with another enrolment code. */
    AgentConfig withEnrolmentCode(String code) {
        return new AgentConfig(coordinator, Optional.of(code), storage, engine, resources, tasks);
    }

    /** Leaves the enrolment code out. */
    @Override
    public String toString() {
        return "AgentConfig[" + coordinator + ", " + storage + ", " + engine + ", " + tasks + "]";
    }

    /**
     * What the agent may use of the machine.
     *
     * @param threads that the engine computes with
     * @param trainingMebibytes that a training may take beside the opened model; none for any
     * @param trainingWatts that the machine takes while it trains; none if nobody stated it
     */
    record Resources(int threads, OptionalInt trainingMebibytes, OptionalDouble trainingWatts) {}

    /**
     * The model and the data files of a task.
     *
     * @param model none for the first one that the engine runs
     */
    record TaskFiles(
            TaskName task,
            Optional<String> model,
            Path training,
            Optional<Path> validation,
            Optional<Path> test,
            String textColumn,
            String labelColumn) {

        ExampleFile examples(Path file) {
            return ExampleFile.of(file).columns(textColumn, labelColumn);
        }
    }
}
