package io.crosslm.coordinator.round;

import io.crosslm.coordinator.task.InMemoryTaskStore;
import io.crosslm.coordinator.task.TaskStore;

final class InMemoryRoundStoreTest extends RoundStoreContract {
    private final TaskStore tasks = new InMemoryTaskStore();
    private final RoundStore rounds = new InMemoryRoundStore();

    @Override
    protected TaskStore tasks() {
        return tasks;
    }

    @Override
    protected RoundStore rounds() {
        return rounds;
    }
}
