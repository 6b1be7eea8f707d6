package io.crosslm.coordinator.round;

import io.crosslm.coordinator.task.TaskDefinition;
import io.crosslm.protocol.wire.ArtifactReference;

/** Builds the package of the small language model that devices need. Thread-safe. */
@FunctionalInterface
public interface SlmPackages {
    /**
     * The task's package for an engine as an artifact that devices can fetch; the same on every
     * call.
     *
     * @param engine one of the task's engines
     */
    ArtifactReference packageFor(TaskDefinition task, String engine);
}
