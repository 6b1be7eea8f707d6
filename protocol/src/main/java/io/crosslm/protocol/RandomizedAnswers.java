package io.crosslm.protocol;

/**
 * Probabilities of randomised response over k answers, and what many answers tell (Kairouz,
 * Bonawitz and Ramage 2016, section 2): the true one is given with probability p = e^epsilon /
 * (e^epsilon + k - 1), each other one with q = 1 / (e^epsilon + k - 1). Immutable.
 */
public final class RandomizedAnswers {
    private final int answerCount;
    private final double epsilon;

    private RandomizedAnswers(int answerCount, double epsilon) {
        this.answerCount = answerCount;
        this.epsilon = epsilon;
    }

    /**
     * Answers to one question.
     *
     * @param answerCount k, 2 or more
     * @param epsilon of one answer, above 0
     */
    public static RandomizedAnswers of(int answerCount, double epsilon) {
        if (answerCount < 2) {
            throw new IllegalArgumentException("answerCount must be 2 or more: " + answerCount);
        }
        if (!(epsilon > 0) || Double.isInfinite(epsilon)) {
            throw new IllegalArgumentException("epsilon must be above 0 but is " + epsilon);
        }
        return new RandomizedAnswers(answerCount, epsilon);
    }

    /** k. */
    public int answerCount() {
        return answerCount;
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
     * Estimated share of answers whose truth is a certain one: (count / n - q) / (p - q). Without
     * bias; it may be below 0 or above 1, and the shares of all k add up to 1.
     *
     * @param count how many of the given answers are this one
     * @param answers n, 1 or more
     */
    public double share(long count, long answers) {
        if (answers < 1 || count < 0 || count > answers) {
            throw new IllegalArgumentException(
                    "a count of 0 to n and n answers, 1 or more, were expected but there are "
                            + count
                            + " and "
                            + answers);
        }
        double p = truthProbability();
        double q = otherProbability();
        return ((double) count / answers - q) / (p - q);
    }

    /**
     * Variance of an estimated share of n answers, the true answers fixed: (f p (1 - p) + (1 - f) q
     * (1 - q)) / (n (p - q)^2). Linear in f: an estimated share gives an estimate without bias,
     * which is never below 0.
     *
     * @param share f, true or estimated
     * @param answers n
     */
    public double variance(double share, long answers) {
        double p = truthProbability();
        double q = otherProbability();
        return (share * p * (1 - p) + (1 - share) * q * (1 - q)) / (answers * (p - q) * (p - q));
    }
}
