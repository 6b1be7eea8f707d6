package io.crosslm.edge.model;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How a model trains.
 *
 * @param poolWeight mu, weight of a pool sample against a private example
 * @param maxEpochs over the private examples at most
 * @param seed of initial values and batch order; private trainings draw from a secure source
 *     instead
 * @param halfDone file where an interrupted training is kept, so that the same training with the
 *     same data goes on from there and comes to the same bits; null to begin anew each time.
 *     Runtimes that cannot tell their state do not use it
 * @param privacy how examples are kept private, or null
 */
public record TrainingSettings(
        double poolWeight,
        int maxEpochs,
        long seed,
        @Nullable Path halfDone,
        @Nullable PrivateTraining privacy) {
    /** mu of the recipe. */
    public static final double DEFAULT_POOL_WEIGHT = 0.5;

    public TrainingSettings {
        if (!(poolWeight >= 0)) {
            throw new IllegalArgumentException("poolWeight must be 0 or more but is " + poolWeight);
        }
        if (maxEpochs < 1) {
            throw new IllegalArgumentException("maxEpochs must be at least 1 but is " + maxEpochs);
        }
    }

    /** Settings of a training that begins anew each time, without privacy. */
    public TrainingSettings(double poolWeight, int maxEpochs, long seed) {
        this(poolWeight, maxEpochs, seed, null, null);
    }

    /** The same, kept in that file while it is half done. */
    public TrainingSettings withHalfDone(Path file) {
        return new TrainingSettings(poolWeight, maxEpochs, seed, file, privacy);
    }

    /** The same with differential privacy. */
    public TrainingSettings withPrivacy(PrivateTraining how) {
        return new TrainingSettings(poolWeight, maxEpochs, seed, halfDone, how);
    }
}
