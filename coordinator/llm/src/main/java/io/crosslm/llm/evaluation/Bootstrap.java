package io.crosslm.llm.evaluation;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/**
 * Standard errors by resampling with replacement, for statistics that are no means (Efron and
 * Tibshirani, An Introduction to the Bootstrap, 1993, algorithm 6.1).
 */
final class Bootstrap {
    private static final long SEED = 1;
    private static final long DRAWS = 20_000_000;
    private static final int MOST = 10_000;
    private static final int FEWEST = 200;

    private Bootstrap() {}

    /**
     * Standard deviation of a statistic over resamples; always the same for the same statistic.
     *
     * @param count items, of which a resample draws as many
     * @param statistic of the items whose indices are given; the array is used again
     */
    static double standardError(int count, ToDoubleFunction<int[]> statistic) {
        int resamples = (int) Math.max(FEWEST, Math.min(MOST, DRAWS / Math.max(1, count)));
        SplittableRandom random = new SplittableRandom(SEED);
        int[] drawn = new int[count];
        double[] values = new double[resamples];
        for (int r = 0; r < resamples; r++) {
            Arrays.setAll(drawn, i -> random.nextInt(count));
            values[r] = statistic.applyAsDouble(drawn);
        }
        // The standard error of their mean, times the root of their number.
        return Estimate.of(values).standardError() * Math.sqrt(resamples);
    }
}
