package io.crosslm.edge.privacy;

import java.nio.ByteBuffer;
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
 * delta does not cover the difference. The largest value is some 8.6 standard deviations, which
 * costs a probability of 1e-17.
 */
public final class GaussianNoise {
    static final int DRAWS = 4;

    private static final int BUFFER_BYTES = 1 << 13;
    private static final double UNIT = 1.0 / (1L << 53);

    private final double standardDeviation;
    private final Random random;
    // Secure sources are slow for a number at a time, and fast for many bytes.
    private final ByteBuffer bytes = ByteBuffer.allocate(BUFFER_BYTES);
    private int position = BUFFER_BYTES;

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
            // Box and Muller 1958. Only the cosine: with the sine, two values would be one turned.
            double radius = Math.sqrt(-2 * Math.log(1 - uniform()));
            sum += radius * Math.cos(2 * Math.PI * uniform());
        }
        return standardDeviation * sum / Math.sqrt(DRAWS);
    }

    /** From 0 to below 1, of 53 bits. */
    private double uniform() {
        if (position == BUFFER_BYTES) {
            random.nextBytes(bytes.array());
            position = 0;
        }
        long bits = bytes.getLong(position);
        position += Long.BYTES;
        return (bits >>> 11) * UNIT;
    }

    /** Standard deviation of every value. */
    public double standardDeviation() {
        return standardDeviation;
    }
}
