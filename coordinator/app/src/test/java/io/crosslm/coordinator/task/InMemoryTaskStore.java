package io.crosslm.coordinator.task;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.protocol.TaskName;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Tasks in memory. Thread-safe. */
public final class InMemoryTaskStore implements TaskStore {
    private final Map<String, TaskDefinition> tasks = new TreeMap<>();

    @Override
    public synchronized boolean add(TaskDefinition task) {
        TaskDefinition there = tasks.putIfAbsent(task.name().value(), task);
        if (there != null && !there.equals(task)) {
            throw new CoordinatorException(Code.TASK_DIFFERS, "task " + task.name() + " exists");
        }
        return there == null;
    }

    @Override
    public synchronized Optional<TaskDefinition> find(TaskName name) {
        return Optional.ofNullable(tasks.get(name.value()));
    }

    @Override
    public synchronized List<TaskDefinition> all() {
        return List.copyOf(tasks.values());
    }
}
