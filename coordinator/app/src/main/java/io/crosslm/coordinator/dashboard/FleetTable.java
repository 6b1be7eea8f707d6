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

    /** Those online first, revoked ones last. */
    List<Row> rows() {
        Map<String, Map<String, String>> byDevice = models.byDevice();
        return registry.all().stream()
                .map(device -> row(device, byDevice.getOrDefault(device.id().value(), Map.of())))
                .sorted(Comparator.comparingInt(row -> order(row.state())))
                .toList();
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
        String state = device.isRevoked() ? "revoked" : presence.isPresent() ? "online" : "offline";
        return new Row(
                id.value(),
                device.name(),
                device.tasks().stream()
                        .map(TaskName::value)
                        .sorted()
                        .collect(Collectors.joining(", ")),
                state,
                presence.map(p -> String.join(", ", p.engines())).orElse(""),
                words(modelByTask),
                presence.map(Presence::sdkVersion).orElse(""));
    }

    private static int order(String state) {
        return switch (state) {
            case "online" -> 0;
            case "offline" -> 1;
            default -> 2;
        };
    }
}
