package io.crosslm.coordinator.preference;

import io.crosslm.coordinator.feedback.Opinions;
import java.util.Arrays;

/**
 * How good a sample is as a text of a label: q(label) minus a weight times its likeness to the
 * nearest samples of the batch. Immutable.
 *
 * <p>Filtered samples are not part of the batch, have no q and so are never rewarded.
 */
public final class Rewards {
    private static final int NEAREST = 5;

    private final Opinions fused;
    private final double[] penalties;

    private Rewards(Opinions fused, double[] penalties) {
        this.fused = fused;
        this.penalties = penalties;
    }

    /**
     * Rewards of a batch.
     *
     * @param fused q of every sample
     * @param embeddings vector of length 1 of every sample
     * @param diversityWeight of the likeness
     */
    public static Rewards of(Opinions fused, float[][] embeddings, double diversityWeight) {
        if (embeddings.length != fused.sampleCount()) {
            throw new IllegalArgumentException(
                    "expected "
                            + fused.sampleCount()
                            + " embeddings but there are "
                            + embeddings.length);
        }
        double[] penalties = new double[embeddings.length];
        for (int i = 0; i < penalties.length; i++) {
            penalties[i] = diversityWeight * likeness(embeddings, i);
        }
        return new Rewards(fused, penalties);
    }

    /** Mean cosine similarity to the nearest other samples. */
    private static double likeness(float[][] embeddings, int sample) {
        double[] similarities = new double[embeddings.length - 1];
        for (int i = 0, to = 0; i < embeddings.length; i++) {
            if (i != sample) {
                similarities[to++] = dot(embeddings[sample], embeddings[i]);
            }
        }
        Arrays.sort(similarities);
        int count = Math.min(NEAREST, similarities.length);
        double sum = 0;
        for (int k = 1; k <= count; k++) {
            sum += similarities[similarities.length - k];
        }
        return count == 0 ? 0 : sum / count;
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int h = 0; h < a.length; h++) {
            sum += (double) a[h] * b[h];
        }
        return sum;
    }

    /** Reward of a sample taken as a text of the label. */
    public double reward(int sample, int label) {
        return fused.probability(sample, label) - penalties[sample];
    }
}
