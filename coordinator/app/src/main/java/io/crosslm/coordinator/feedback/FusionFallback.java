package io.crosslm.coordinator.feedback;

/** Why a fusion did not trust its own estimates and took the product with equal weights. */
public enum FusionFallback {
    /** The estimates were sane. */
    NONE(""),
    /** Most devices and the language model were estimated to guess. */
    AT_CHANCE("most annotators' estimated accuracies are at chance"),
    /** The labels came out exchanged against the mean opinion that the estimation started from. */
    LABELS_SWITCHED("the estimated labels are switched against the mean opinion");

    /** Accuracies so little above 1/C are chance, as a share of the way from 1/C to 1. */
    private static final double CHANCE_MARGIN = 0.02;

    private final String reason;

    FusionFallback(String reason) {
        this.reason = reason;
    }

    /** For operators; empty for {@link #NONE}. */
    public String reason() {
        return reason;
    }

    /**
     * Looks at the estimates of a fusion.
     *
     * @param accuracies of devices, language model, if it voted, and asked-for label; the last may
     *     well be at chance while the generator is weak, so it does not count
     */
    static FusionFallback check(
            double[][] start, double[][] posterior, double[] accuracies, int labels) {
        double chance = 1.0 / labels;
        int judged = accuracies.length - 1;
        int atChance = 0;
        for (int a = 0; a < judged; a++) {
            if (accuracies[a] <= chance + CHANCE_MARGIN * (1 - chance)) {
                atChance++;
            }
        }
        if (2 * atChance > judged) {
            return AT_CHANCE;
        }
        return switched(start, posterior, labels) ? LABELS_SWITCHED : NONE;
    }

    /** Whether most labels of the start became mainly another one. */
    private static boolean switched(double[][] start, double[][] posterior, int labels) {
        double[][] together = new double[labels][labels];
        for (int i = 0; i < start.length; i++) {
            for (int c = 0; c < labels; c++) {
                for (int d = 0; d < labels; d++) {
                    together[c][d] += start[i][c] * posterior[i][d];
                }
            }
        }
        // Columns are divided by their sums, so that a frequent label does not swallow the rare.
        int switched = 0;
        for (int c = 0; c < labels; c++) {
            double own = share(together, c, c);
            boolean another = false;
            for (int d = 0; d < labels; d++) {
                another |= d != c && share(together, c, d) > own;
            }
            switched += another ? 1 : 0;
        }
        return 2 * switched > labels;
    }

    private static double share(double[][] together, int from, int to) {
        double sum = 0;
        for (double[] row : together) {
            sum += row[to];
        }
        return sum == 0 ? 0 : together[from][to] / sum;
    }
}
