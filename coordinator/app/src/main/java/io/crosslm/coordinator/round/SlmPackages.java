package io.crosslm.coordinator.round;

import io.crosslm.coordinator.task.SmallModel;
import io.crosslm.coordinator.task.TaskDefinition;
import io.crosslm.protocol.wire.ArtifactReference;

/** Builds the packages of the small language models that devices need. Thread-safe. */
@FunctionalInterface
public interface SlmPackages {
    /**
     * The package of one of the task's models as an artifact that devices can fetch; the same on
     * every call.
     *
     * @throws io.crosslm.coordinator.CoordinatorException NO_DISK if it cannot be written, another
     *     code if it cannot be built
     */
    ArtifactReference packageFor(TaskDefinition task, SmallModel model);

    /**
     * Finds out whether the task's packages can be built, before a round needs them.
     *
     * @throws io.crosslm.coordinator.CoordinatorException if the task wants what is not here
     */
    default void check(TaskDefinition task) {}
}
