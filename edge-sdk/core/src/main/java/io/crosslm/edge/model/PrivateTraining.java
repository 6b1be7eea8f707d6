package io.crosslm.edge.model;

/**
 * Training with differential privacy for each private example, DP-SGD (Abadi et al. 2016, algorithm
 * 1): examples are drawn by Poisson sampling, each one's gradient is clipped, and Gaussian noise
 * covers their sum. No private text decides anything else: the validation part is left out, the
 * last state is kept, T is 1.
 *
 * @param clipNorm largest L2 norm of an example's gradient, above 0
 * @param noiseMultiplier standard deviation of the noise over the clip norm, above 0
 * @param samplingRate with which an example is in a step, above 0 and at most 1
 */
public record PrivateTraining(double clipNorm, double noiseMultiplier, double samplingRate) {
    public PrivateTraining {
        if (!(clipNorm > 0) || Double.isInfinite(clipNorm)) {
            throw new IllegalArgumentException("clipNorm must be above 0 but is " + clipNorm);
        }
        if (!(noiseMultiplier > 0) || Double.isInfinite(noiseMultiplier)) {
            throw new IllegalArgumentException(
                    "noiseMultiplier must be above 0 but is " + noiseMultiplier);
        }
        if (!(samplingRate > 0 && samplingRate <= 1)) {
            throw new IllegalArgumentException(
                    "samplingRate must be above 0 and at most 1 but is " + samplingRate);
        }
    }

    /** Steps in which an example is drawn once, on the mean. */
    public int stepsPerEpoch() {
        return stepsPerEpoch(samplingRate);
    }

    /** Steps in which an example is drawn once, on the mean, at a sampling rate. */
    public static int stepsPerEpoch(double samplingRate) {
        return (int) Math.min(Integer.MAX_VALUE, Math.ceil(1 / samplingRate - 1e-9));
    }
}
