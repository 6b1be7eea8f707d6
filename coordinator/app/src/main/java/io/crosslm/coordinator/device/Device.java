package io.crosslm.coordinator.device;

import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.TaskName;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * An enrolled device.
 *
 * @param name what people call it; need not be unique
 * @param tasks what it takes part in
 * @param revoked when its credential ended
 */
public record Device(
        DeviceId id,
        String name,
        Set<TaskName> tasks,
        Instant enrolled,
        Optional<Instant> revoked) {
    public Device {
        tasks = Set.copyOf(tasks);
    }

    public boolean isRevoked() {
        return revoked.isPresent();
    }

    Device revokedAt(Instant time) {
        return new Device(id, name, tasks, enrolled, Optional.of(time));
    }
}
