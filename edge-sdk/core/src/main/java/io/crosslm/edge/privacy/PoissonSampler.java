package io.crosslm.edge.privacy;

import java.util.Arrays;
import java.util.Random;

/**
 * Chooses the examples of a step: each is in with the sampling rate, whatever the others do. The
 * accountant's bound holds for this sampling only; batches of a fixed size out of a shuffled list
 * cost more. Confined to one thread.
 */
public final class PoissonSampler {
    private final double samplingRate;
    private final Random random;

    private PoissonSampler(double samplingRate, Random random) {
        this.samplingRate = samplingRate;
        this.random = random;
    }

    /**
     * A sampler.
     *
     * @param random must be a {@link java.security.SecureRandom} outside of tests: who can guess
     *     the choice undoes what the sampling gives
     */
    public static PoissonSampler of(SampledGaussian mechanism, Random random) {
        return new PoissonSampler(mechanism.samplingRate(), random);
    }

    /**
     * Indexes of a step's examples, ascending; often more or fewer than the rate times the count,
     * sometimes none. The step's sum is divided by the expected number, never by this one.
     */
    public int[] indexes(int exampleCount) {
        int[] chosen = new int[exampleCount];
        int count = 0;
        for (int i = 0; i < exampleCount; i++) {
            // 53 random bits: the rate is met to 1e-16.
            if (random.nextDouble() < samplingRate) {
                chosen[count++] = i;
            }
        }
        return Arrays.copyOf(chosen, count);
    }
}
