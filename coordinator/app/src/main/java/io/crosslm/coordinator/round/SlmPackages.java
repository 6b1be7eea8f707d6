package io.crosslm.coordinator.round;

import io.crosslm.coordinator.task.TaskDefinition;
import io.crosslm.protocol.wire.ArtifactReference;

/** Builds the package of the small language model that devices need. Thread-safe. */
@FunctionalInterface
public interface SlmPackages {
    /** The task's package as an artifact that devices can fetch; the same on every call. */
    ArtifactReference packageFor(TaskDefinition task);
}
