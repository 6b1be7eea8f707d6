package io.crosslm.coordinator.task;

import java.util.List;

/**
 * Numbers of a task; the defaults were found by experiment (docs/explanation-method.md).
 *
 * @param rounds how many a demonstration runs
 * @param generation of samples
 * @param pool of curated samples
 * @param reports of devices
 * @param privacy of what leaves devices
 * @param preference tuning of the language model
 * @param trainingEpochs of a device, at most
 * @param models that devices may take, each of which gets a package
 * @param seed of every draw of the task
 */
public record TaskSettings(
        int rounds,
        GenerationSettings generation,
        PoolSettings pool,
        ReportSettings reports,
        PrivacySettings privacy,
        PreferenceSettings preference,
        int trainingEpochs,
        List<SmallModel> models,
        long seed) {
    private static final TaskSettings DEFAULTS =
            new TaskSettings(
                    3,
                    GenerationSettings.DEFAULTS,
                    PoolSettings.DEFAULTS,
                    ReportSettings.DEFAULTS,
                    new PrivacySettings.None(),
                    PreferenceSettings.DEFAULTS,
                    200,
                    SmallModelsFile.ofEngines(List.of(SmallModel.OnEncoder.ENGINE), SlmMode.HEAD),
                    1);

    public TaskSettings {
        models = List.copyOf(models);
    }

    /** What a task file that names no setting gets. */
    public static TaskSettings defaults() {
        return DEFAULTS;
    }
}
