package io.crosslm.coordinator.ops;

import io.crosslm.coordinator.device.Device;
import io.crosslm.coordinator.device.DeviceRegistry;
import io.crosslm.coordinator.device.OnlineDevices;
import io.crosslm.coordinator.round.DeviceDirectory;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.TaskName;
import java.util.Set;
import java.util.stream.Collectors;

/** The registry as rounds see it. Thread-safe. */
final class RegisteredDevices implements DeviceDirectory {
    private final DeviceRegistry registry;
    private final OnlineDevices online;

    RegisteredDevices(DeviceRegistry registry, OnlineDevices online) {
        this.registry = registry;
        this.online = online;
    }

    @Override
    public Set<DeviceId> devices(TaskName task) {
        return registry.ofTask(task).stream()
                .map(Device::id)
                .collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public Set<DeviceId> online(TaskName task) {
        return devices(task).stream()
                .filter(online::isOnline)
                .collect(Collectors.toUnmodifiableSet());
    }
}
