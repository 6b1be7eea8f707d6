package io.crosslm.agent;

import io.crosslm.protocol.TaskName;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

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
        int threads,
        List<TaskFiles> tasks) {
    AgentConfig {
        tasks = List.copyOf(tasks);
    }

    /** The same with another enrolment code. */
    AgentConfig withEnrolmentCode(String code) {
        return new AgentConfig(coordinator, Optional.of(code), storage, engine, threads, tasks);
    }

    /** Leaves the enrolment code out. */
    @Override
    public String toString() {
        return "AgentConfig[" + coordinator + ", " + storage + ", " + engine + ", " + tasks + "]";
    }

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
