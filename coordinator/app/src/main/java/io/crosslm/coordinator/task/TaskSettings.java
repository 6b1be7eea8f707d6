package io.crosslm.coordinator.task;

import java.util.List;

/**
 * Numbers of a task; the defaults were found by experiment (docs/explanation-method.md).
 *
 * @param rounds how many a demonstration runs
 * @param generation of samples
 * @param pool of curated samples
 * @param reports of devices
 * @param preference tuning of the language model
 * @param trainingEpochs of a device, at most
 * @param slmMode what a device trains
 * @param engines that devices may run, each of which gets a package; the first is the default
 * @param seed of every draw of the task
 */
public record TaskSettings(
        int rounds,
        GenerationSettings generation,
        PoolSettings pool,
        ReportSettings reports,
        PreferenceSettings preference,
        int trainingEpochs,
        SlmMode slmMode,
        List<String> engines,
        long seed) {
    /** Names of the engines that there are packages for. */
    static final List<String> KNOWN_ENGINES = List.of("onnx", "tflite");

    private static final TaskSettings DEFAULTS =
            new TaskSettings(
                    3,
                    GenerationSettings.DEFAULTS,
                    PoolSettings.DEFAULTS,
                    ReportSettings.DEFAULTS,
                    PreferenceSettings.DEFAULTS,
                    200,
                    SlmMode.HEAD,
                    List.of("onnx"),
                    1);

    public TaskSettings {
        engines = List.copyOf(engines);
    }

    /** What a task file that names no setting gets. */
    public static TaskSettings defaults() {
        return DEFAULTS;
    }
}
