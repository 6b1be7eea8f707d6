package io.crosslm.testkit.golden;

import java.util.Locale;

/**
 * How far a result may be from its golden value: by the largest expected magnitude of the same
 * list, or absolutely for differences of large sums.
 */
public enum GoldenTolerance {
    /** Logits, log-probabilities, NLL, losses, hidden states, embeddings. */
    VALUE(2e-4, false),
    /** The same of a formula model, where 2e-4 would not tell two forms of GELU apart. */
    FORMULA_VALUE(2e-5, false),
    /** Norms of gradients. */
    GRADIENT_NORM(5e-4, false),
    /** Single elements of gradients, and weights and their norms after optimiser steps. */
    ELEMENT(2e-3, false),
    /** Losses and gradient norms after optimiser steps. */
    AFTER_STEPS(1e-3, false),
    /** Rewards, margins and KL. */
    REWARD(1e-3, true);

    private final double limit;
    private final boolean absolute;

    GoldenTolerance(double limit, boolean absolute) {
        this.limit = limit;
        this.absolute = absolute;
    }

    /** The largest allowed distance, for messages and tables. */
    public double limit() {
        return limit;
    }

    /**
     * Fails if a value is off by more than the tolerance.
     *
     * @param what shown in the failure
     * @throws AssertionError naming the worst value
     */
    public void check(String what, double[] actual, double[] expected) {
        if (actual.length != expected.length) {
            throw new AssertionError(
                    what + ": expected " + expected.length + " values but got " + actual.length);
        }
        double largest = 0;
        for (double value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        double allowed = absolute ? limit : limit * largest;
        for (int i = 0; i < expected.length; i++) {
            // Written so that NaN fails.
            if (!(Math.abs(actual[i] - expected[i]) <= allowed)) {
                throw new AssertionError(
                        String.format(
                                Locale.ROOT,
                                "%s[%d]: expected %.9g but got %.9g, off by %.3g where %.3g is"
                                        + " allowed",
                                what,
                                i,
                                expected[i],
                                actual[i],
                                Math.abs(actual[i] - expected[i]),
                                allowed));
            }
        }
    }

    /** {@link #check(String, double[], double[])} of float32 results. */
    public void check(String what, float[] actual, double[] expected) {
        double[] values = new double[actual.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = actual[i];
        }
        check(what, values, expected);
    }

    /** {@link #check(String, double[], double[])} of one number. */
    public void check(String what, double actual, double expected) {
        check(what, new double[] {actual}, new double[] {expected});
    }
}
