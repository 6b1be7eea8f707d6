package io.crosslm.edge.privacy;

import java.util.Arrays;
import java.util.Random;

/**
 * Randomised response over k answers (Kairouz, Bonawitz and Ramage 2016, section 2): the true one
 * with probability p = e^epsilon / (e^epsilon + k - 1), each other one with q = 1 / (e^epsilon + k
 * - 1). One answer is (epsilon, 0)-private whoever sees it; what many of them tell is estimated by
 * the protocol's {@code RandomizedAnswers}. Immutable; the random source is lent.
 */
public final class RandomizedResponse {
    private final int answerCount;
    private final double epsilon;

    private RandomizedResponse(int answerCount, double epsilon) {
        this.answerCount = answerCount;
        this.epsilon = epsilon;
    }

    /**
     * Randomised response.
     *
     * @param answerCount k, 2 or more
     * @param epsilon above 0
     */
    public static RandomizedResponse of(int answerCount, double epsilon) {
        if (answerCount < 2) {
            throw new IllegalArgumentException("answerCount must be 2 or more: " + answerCount);
        }
        if (!(epsilon > 0) || Double.isInfinite(epsilon)) {
            throw new IllegalArgumentException("epsilon must be above 0 but is " + epsilon);
        }
        return new RandomizedResponse(answerCount, epsilon);
    }

    /**
     * The answer that is given instead of the true one, 0 to k - 1.
     *
     * @param random must be a {@link java.security.SecureRandom} outside of tests
     */
    public int answer(int truth, Random random) {
        if (truth < 0 || truth >= answerCount) {
            throw new IllegalArgumentException(
                    "answer " + truth + " is not in 0 to " + (answerCount - 1));
        }
        if (random.nextDouble() < truthProbability()) {
            return truth;
        }
        int other = random.nextInt(answerCount - 1);
        return other < truth ? other : other + 1;
    }

    /**
     * What may be told instead of a distribution: p at the answer that is given for its most likely
     * label, q at the others. Told by a reader who knows epsilon from the answer alone, so that it
     * costs what the answer costs.
     *
     * @param distribution of k labels
     * @param random must be a {@link java.security.SecureRandom} outside of tests
     */
    public float[] answered(float[] distribution, Random random) {
        if (distribution.length != answerCount) {
            throw new IllegalArgumentException(
                    "a distribution of "
                            + answerCount
                            + " labels was expected but there are "
                            + distribution.length);
        }
        int best = 0;
        for (int label = 1; label < answerCount; label++) {
            best = distribution[label] > distribution[best] ? label : best;
        }
        float[] told = new float[answerCount];
        Arrays.fill(told, (float) otherProbability());
        told[answer(best, random)] = (float) truthProbability();
        return told;
    }

    /** p. */
    public double truthProbability() {
        return 1 / (1 + (answerCount - 1) * Math.exp(-epsilon));
    }

    /** q. */
    public double otherProbability() {
        return (1 - truthProbability()) / (answerCount - 1);
    }

    /**
     * What one answer costs: the divergence between the answers to two truths, ln(p^a q^(1-a) + q^a
     * p^(1-a) + (k - 2) q) / (a - 1) of order a. Of two answers it is that of any mechanism with
     * the same epsilon; of k it is some k / 2 times less where epsilon is small.
     */
    public RenyiLoss loss() {
        return RenyiLoss.of(this::divergence);
    }

    private double divergence(double order) {
        if (Double.isInfinite(order)) {
            return epsilon;
        }
        double logP = -Math.log1p((answerCount - 1) * Math.exp(-epsilon));
        double logQ = logP - epsilon;
        double larger = order * logP + (1 - order) * logQ;
        double smaller = order * logQ + (1 - order) * logP;
        double rest = Math.exp(smaller - larger) + (answerCount - 2) * Math.exp(logQ - larger);
        return Math.max(0, Math.min(epsilon, (larger + Math.log1p(rest)) / (order - 1)));
    }
}
