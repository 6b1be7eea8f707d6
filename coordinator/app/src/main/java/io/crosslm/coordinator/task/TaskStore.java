package io.crosslm.coordinator.task;

import io.crosslm.protocol.TaskName;
import java.util.List;
import java.util.Optional;

/** Where tasks are kept. Thread-safe. */
public interface TaskStore {
    /**
     * Keeps a task.
     *
     * @return whether it is new; an equal one may be there already
     * @throws io.crosslm.coordinator.CoordinatorException if another one has the name
     */
    boolean add(TaskDefinition task);

    Optional<TaskDefinition> find(TaskName name);

    /** All tasks by name. */
    List<TaskDefinition> all();
}
