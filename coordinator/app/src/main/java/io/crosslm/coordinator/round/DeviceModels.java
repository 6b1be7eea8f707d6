package io.crosslm.coordinator.round;

import io.crosslm.coordinator.round.RoundDocuments.DeviceOutcome;
import io.crosslm.coordinator.round.RoundDocuments.ModelGain;
import io.crosslm.coordinator.round.RoundDocuments.Outcome;
import io.crosslm.coordinator.task.SmallModel;
import io.crosslm.coordinator.task.TaskDefinition;
import io.crosslm.coordinator.task.TaskStore;
import io.crosslm.protocol.TaskName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Which of a task's small models each device has, by what closed rounds say. Thread-safe. */
public final class DeviceModels {
    /** Closed rounds that are looked through; a device that reported in none of them has left. */
    static final int ROUNDS = 8;

    private final TaskStore tasks;
    private final RoundStore rounds;

    public DeviceModels(TaskStore tasks, RoundStore rounds) {
        this.tasks = tasks;
        this.rounds = rounds;
    }

    /** Names of models by device id and, in the order of their names, task. */
    public Map<String, Map<String, String>> byDevice() {
        Map<String, Map<String, String>> models = new HashMap<>();
        for (TaskDefinition task : tasks.all()) {
            of(task.name(), rounds)
                    .forEach(
                            (device, model) ->
                                    models.computeIfAbsent(device, id -> new TreeMap<>())
                                            .put(task.name().value(), model));
        }
        return models;
    }

    /** Names of models by device id. */
    static Map<String, String> of(TaskName task, RoundStore rounds) {
        List<RoundHistory> all = rounds.rounds(task);
        Map<String, String> models = new HashMap<>();
        int closed = 0;
        for (int i = all.size() - 1; i >= 0 && closed < ROUNDS; i--) {
            Optional<Outcome> outcome =
                    rounds.document(all.get(i).id(), DocumentKind.OUTCOME)
                            .map(json -> RoundDocuments.read(json, Outcome.class));
            if (outcome.isPresent()) {
                closed++;
                for (DeviceOutcome device : outcome.get().devices()) {
                    String model = device.model();
                    if (model != null) {
                        models.putIfAbsent(device.device(), model);
                    }
                }
            }
        }
        return models;
    }

    /** What a round brought the devices with each model, in the task's order. */
    static List<ModelGain> gains(TaskDefinition task, List<DeviceOutcome> devices) {
        return gains(task.settings().models().stream().map(SmallModel::name).toList(), devices);
    }

    /** The same of models by name. */
    static List<ModelGain> gains(List<String> models, List<DeviceOutcome> devices) {
        List<ModelGain> gains = new ArrayList<>();
        for (String model : models) {
            List<DeviceOutcome> measured =
                    devices.stream()
                            .filter(device -> model.equals(device.model()))
                            .filter(device -> device.standaloneAccuracy().isPresent())
                            .filter(device -> device.withPoolAccuracy().isPresent())
                            .toList();
            if (measured.isEmpty()) {
                continue;
            }
            double standalone =
                    measured.stream()
                            .mapToDouble(device -> device.standaloneAccuracy().orElseThrow())
                            .average()
                            .orElseThrow();
            double withPool =
                    measured.stream()
                            .mapToDouble(device -> device.withPoolAccuracy().orElseThrow())
                            .average()
                            .orElseThrow();
            gains.add(
                    new ModelGain(
                            model, measured.size(), standalone, withPool, withPool - standalone));
        }
        return gains;
    }
}
