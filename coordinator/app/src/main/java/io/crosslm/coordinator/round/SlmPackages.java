package io.crosslm.coordinator.round;

import io.crosslm.coordinator.task.SmallModel;
import io.crosslm.coordinator.task.TaskDefinition;
import io.crosslm.protocol.Sha256;
import io.crosslm.protocol.wire.ArtifactReference;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

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

    /**
     * Deletes packages that are of no task's model any more, as after an update; nothing while one
     * is built.
     *
     * @param tasks gives all of them, of which none comes to a package meanwhile
     * @param needed packages that open rounds have announced, which stay
     * @throws io.crosslm.coordinator.CoordinatorException NO_DISK if one cannot be deleted
     */
    default void deleteSuperseded(Supplier<List<TaskDefinition>> tasks, Set<Sha256> needed) {}
}
