package io.crosslm.coordinator.dashboard;

import io.crosslm.coordinator.device.Device;
import io.crosslm.coordinator.device.DeviceRegistry;
import io.crosslm.coordinator.device.OnlineDevices;
import io.crosslm.coordinator.device.OnlineDevices.Presence;
import io.crosslm.coordinator.round.DeviceModels;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.TaskName;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The devices as a table. Thread-safe. */
@ApplicationScoped
public final class FleetTable {
    /** Devices on the overview. */
    static final int MOST_DEVICES = 100;

    private final DeviceRegistry registry;
    private final OnlineDevices online;
    private final DeviceModels models;

    FleetTable(DeviceRegistry registry, OnlineDevices online, DeviceModels models) {
        this.registry = registry;
        this.online = online;
        this.models = models;
    }

    /**
     * A device.
     *
     * @param state online, offline or revoked
     * @param models the small models that it has, with their tasks if there are several
     */
    public record Row(
            String id,
            String name,
            String tasks,
            String state,
            String engines,
            String models,
            String sdk) {}

    /**
     * Some devices.
     *
     * @param online how many are, in all
     * @param total how many there are, revoked ones too
     */
    public record Page(List<Row> rows, int online, int total) {}

    /** Those online first, revoked ones last, but not more than a page takes. */
    Page page() {
        Map<String, Map<String, String>> byDevice = models.byDevice();
        List<Device> all = registry.all();
        List<Row> rows =
                all.stream()
                        .sorted(Comparator.comparingInt(this::order))
                        .limit(MOST_DEVICES)
                        .map(
                                device ->
                                        row(
                                                device,
                                                byDevice.getOrDefault(
                                                        device.id().value(), Map.of())))
                        .toList();
        return new Page(rows, online.count(), all.size());
    }

    /** What people call the devices, by id. */
    Map<String, String> names() {
        Map<String, String> names = new HashMap<>();
        registry.all().forEach(device -> names.put(device.id().value(), device.name()));
        return names;
    }

    private static String words(Map<String, String> modelByTask) {
        return modelByTask.entrySet().stream()
                .map(
                        one ->
                                modelByTask.size() == 1
                                        ? one.getValue()
                                        : one.getKey() + ": " + one.getValue())
                .collect(Collectors.joining(", "));
    }

    private Row row(Device device, Map<String, String> modelByTask) {
        DeviceId id = device.id();
        Optional<Presence> presence = online.find(id);
        return new Row(
                id.value(),
                device.name(),
                device.tasks().stream()
                        .map(TaskName::value)
                        .sorted()
                        .collect(Collectors.joining(", ")),
                device.isRevoked() ? "revoked" : presence.isPresent() ? "online" : "offline",
                presence.map(p -> String.join(", ", p.engines())).orElse(""),
                words(modelByTask),
                presence.map(Presence::sdkVersion).orElse(""));
    }

    private int order(Device device) {
        if (device.isRevoked()) {
            return 2;
        }
        return online.isOnline(device.id()) ? 0 : 1;
    }
}
