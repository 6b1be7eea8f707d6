package io.crosslm.edge;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a training costs the device, told after its first two steps, which are the measure.
 *
 * @param stepsLeft from now on, early stopping left out
 * @param timeLeft an estimate from the second step's time
 * @param memoryBytes the most that the training takes beside the opened model, by the formula of
 *     its package; null if the package does not tell
 * @param joules that the rest takes: the time by the watts that the app stated with {@link
 *     EdgeClient.Builder#trainingPower}; null if it stated none
 */
public record TrainingForecast(
        int stepsLeft, Duration timeLeft, @Nullable Long memoryBytes, @Nullable Double joules) {}
