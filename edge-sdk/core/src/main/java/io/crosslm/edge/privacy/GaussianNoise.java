package io.crosslm.edge.privacy;

import java.util.Random;

/**
 * Gaussian noise for sums of clipped values. Confined to one thread.
 *
 * <p>What is honest to say: the theory is of real numbers. A single float of a textbook sampler has
 * gaps that can tell the true sum (Mironov 2012; Jin et al. 2022). Each value here is the sum of
 * {@value #DRAWS} independent ones, divided by the root of their number, in double precision and
 * rounded once to float, so that whoever wants to invert it has to search all of their states
 * (Holohan and Braghin 2021). That makes the attack impractical, it does not prove it impossible;
 * the exact way would be a discrete Gaussian (Canonne, Kamath and Steinke 2020). The accountant's
 * delta does not cover the difference.
 */
public final class GaussianNoise {
    static final int DRAWS = 4;

    private final double standardDeviation;
    private final Random random;

    private GaussianNoise(double standardDeviation, Random random) {
        this.standardDeviation = standardDeviation;
        this.random = random;
    }

    /**
     * Noise for a sum of values that are clipped to a norm.
     *
     * @param clipNorm the largest L2 norm of one example's part; above 0
     * @param random must be a {@link java.security.SecureRandom} outside of tests
     */
    public static GaussianNoise of(SampledGaussian mechanism, double clipNorm, Random random) {
        if (!(clipNorm > 0) || Double.isInfinite(clipNorm)) {
            throw new IllegalArgumentException("clipNorm must be above 0 but is " + clipNorm);
        }
        return new GaussianNoise(mechanism.noiseMultiplier() * clipNorm, random);
    }

    /** Fills an array with noise, each value with its own. */
    public void fill(float[] values) {
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) next();
        }
    }

    /** The next value. */
    public double next() {
        double sum = 0;
        for (int draw = 0; draw < DRAWS; draw++) {
            sum += random.nextGaussian();
        }
        return standardDeviation * sum / Math.sqrt(DRAWS);
    }

    /** Standard deviation of every value. */
    public double standardDeviation() {
        return standardDeviation;
    }
}
