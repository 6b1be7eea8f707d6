package io.crosslm.coordinator.feedback;

/**
 * Expectation maximisation of a Dawid-Skene model with a uniform class prior, whose confusion
 * matrices are shrunk to a one-coin matrix. Confined to one thread.
 *
 * <p>Arrays: A annotators, N samples, C labels.
 */
final class DawidSkene {
    private static final double PSEUDO_COUNTS = 20;
    private static final double MAX_ACCURACY = 0.95;

    /** [A, N], -1 where the annotator did not vote. */
    private final int[][] votes;

    private final int labels;
    private final double[] accuracies;
    private double[][] posterior;

    DawidSkene(int[][] votes, int labels, double[][] start) {
        this.votes = votes;
        this.labels = labels;
        this.accuracies = new double[votes.length];
        this.posterior = start;
    }

    /**
     * One M-step and one E-step.
     *
     * @return the largest change of a probability
     */
    double iterate() {
        double[][] next = new double[posterior.length][labels];
        for (int a = 0; a < votes.length; a++) {
            double[][] confusion = confusion(votes[a]);
            accuracies[a] = accuracy(confusion);
            shrink(confusion, accuracies[a]);
            for (int i = 0; i < next.length; i++) {
                if (votes[a][i] >= 0) {
                    for (int c = 0; c < labels; c++) {
                        next[i][c] += Math.log(confusion[c][votes[a][i]]);
                    }
                }
            }
        }
        double change = 0;
        for (int i = 0; i < next.length; i++) {
            Distributions.softmax(next[i]);
            for (int c = 0; c < labels; c++) {
                change = Math.max(change, Math.abs(next[i][c] - posterior[i][c]));
            }
        }
        posterior = next;
        return change;
    }

    /** Expected counts, [C true, C voted]. */
    private double[][] confusion(int[] vote) {
        double[][] counts = new double[labels][labels];
        for (int i = 0; i < vote.length; i++) {
            if (vote[i] >= 0) {
                for (int c = 0; c < labels; c++) {
                    counts[c][vote[i]] += posterior[i][c];
                }
            }
        }
        return counts;
    }

    private double accuracy(double[][] counts) {
        double trace = 0;
        double sum = 0;
        for (int c = 0; c < labels; c++) {
            trace += counts[c][c];
            for (double count : counts[c]) {
                sum += count;
            }
        }
        double accuracy = (trace + PSEUDO_COUNTS / labels) / (sum + PSEUDO_COUNTS);
        return Math.min(Math.max(accuracy, 1.0 / labels), MAX_ACCURACY);
    }

    private void shrink(double[][] counts, double accuracy) {
        double miss = (1 - accuracy) / (labels - 1);
        for (int c = 0; c < labels; c++) {
            double sum = 0;
            for (double count : counts[c]) {
                sum += count;
            }
            for (int d = 0; d < labels; d++) {
                double oneCoin = c == d ? accuracy : miss;
                counts[c][d] = (counts[c][d] + PSEUDO_COUNTS * oneCoin) / (sum + PSEUDO_COUNTS);
            }
        }
    }

    /** Of the last iteration, [A]. */
    double[] accuracies() {
        return accuracies.clone();
    }

    /** [N, C]. */
    double[][] posterior() {
        return posterior;
    }
}
