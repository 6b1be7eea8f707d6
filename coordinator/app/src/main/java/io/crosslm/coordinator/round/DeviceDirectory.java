package io.crosslm.coordinator.round;

import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.TaskName;
import java.util.Set;

/** Which devices a task has. Thread-safe. */
public interface DeviceDirectory {
    /** All that may take part. */
    Set<DeviceId> devices(TaskName task);

    /** Those that are connected now. */
    Set<DeviceId> online(TaskName task);
}
