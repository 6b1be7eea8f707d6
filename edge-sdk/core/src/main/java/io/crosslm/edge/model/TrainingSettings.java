package io.crosslm.edge.model;

/**
 * How a model trains.
 *
 * @param poolWeight mu, weight of a pool sample against a private example
 * @param maxEpochs over the private examples at most
 * @param seed of initial values and batch order
 */
public record TrainingSettings(double poolWeight, int maxEpochs, long seed) {
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
}
