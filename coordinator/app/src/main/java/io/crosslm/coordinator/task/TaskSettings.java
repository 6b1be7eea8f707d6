package io.crosslm.coordinator.task;

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
        long seed) {
    private static final TaskSettings DEFAULTS =
            new TaskSettings(
                    3,
                    GenerationSettings.DEFAULTS,
                    PoolSettings.DEFAULTS,
                    ReportSettings.DEFAULTS,
                    PreferenceSettings.DEFAULTS,
                    200,
                    SlmMode.HEAD,
                    1);

    /** What a task file that names no setting gets. */
    public static TaskSettings defaults() {
        return DEFAULTS;
    }
}
