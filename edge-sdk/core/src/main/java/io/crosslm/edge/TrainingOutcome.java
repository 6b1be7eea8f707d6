package io.crosslm.edge;

import java.time.Duration;

/**
 * What a round's training gave, in counts over the device's own validation examples.
 *
 * @param standaloneCorrect of the model trained on private examples only
 * @param withPoolCorrect of the model trained on private examples and the pool
 * @param validationExamples how many there are; 0 where the app has none
 * @param poolSamples trained on
 * @param kept whether the new model is the app's now
 */
public record TrainingOutcome(
        int standaloneCorrect,
        int withPoolCorrect,
        int validationExamples,
        int poolSamples,
        Decision kept,
        Duration duration) {
    /** Which model the app has after the training. */
    public enum Decision {
        KEPT_NEW,
        KEPT_BEFORE
    }
}
