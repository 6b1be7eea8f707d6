package io.crosslm.coordinator.device;

import io.crosslm.protocol.TaskName;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * Leave for one device to enrol.
 *
 * @param name the device's name, if the operator gave one
 * @param expires when the code ends
 */
record Invitation(Optional<String> name, Set<TaskName> tasks, Instant expires) {
    Invitation {
        tasks = Set.copyOf(tasks);
    }
}
