package io.crosslm.coordinator.feedback;

import java.util.Arrays;

/**
 * Expectation maximisation of a Dawid-Skene model with a uniform class prior, whose confusion
 * matrices are shrunk to a one-coin matrix. A vote may be for one of several labels without saying
 * which: its likelihood is that of a one-coin annotator, which treats all of them alike. Confined
 * to one thread.
 *
 * <p>Arrays: A annotators, N samples, C labels.
 */
final class DawidSkene {
    private static final double PSEUDO_COUNTS = 20;
    private static final double MAX_ACCURACY = 0.95;

    /** [A, N, labels of which one is voted for], none where the annotator did not vote. */
    private final int[][][] votes;

    private final int labels;
    private final double[] accuracies;
    private double[][] posterior;

    DawidSkene(int[][][] votes, int labels, double[][] start) {
        this.votes = votes;
        this.labels = labels;
        this.accuracies = new double[votes.length];
        Arrays.fill(accuracies, 1.0 / labels);
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
            double[][] confusion = confusion(votes[a], accuracies[a]);
            accuracies[a] = accuracy(confusion);
            shrink(confusion, accuracies[a]);
            for (int i = 0; i < next.length; i++) {
                addLogs(votes[a][i], confusion, accuracies[a], next[i]);
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

    /**
     * Expected counts, [C true, C voted].
     *
     * @param accuracy so far, by which a vote for one of several labels is shared out among them
     */
    private double[][] confusion(int[][] vote, double accuracy) {
        double[][] counts = new double[labels][labels];
        for (int i = 0; i < vote.length; i++) {
            if (vote[i].length == 1) {
                for (int c = 0; c < labels; c++) {
                    counts[c][vote[i][0]] += posterior[i][c];
                }
            } else if (vote[i].length > 1) {
                share(vote[i], accuracy, posterior[i], counts);
            }
        }
        return counts;
    }

    private void share(int[] vote, double accuracy, double[] weights, double[][] counts) {
        double miss = miss(accuracy);
        double without = vote.length * miss;
        double[] sums = new double[labels];
        Arrays.fill(sums, without);
        for (int c : vote) {
            sums[c] = accuracy - miss + without;
            counts[c][c] += weights[c] * (accuracy - miss) / sums[c];
        }
        for (int c = 0; c < labels; c++) {
            double each = weights[c] * miss / sums[c];
            for (int d : vote) {
                counts[c][d] += each;
            }
        }
    }

    private void addLogs(int[] vote, double[][] confusion, double accuracy, double[] logs) {
        if (vote.length == 1) {
            for (int c = 0; c < labels; c++) {
                logs[c] += Math.log(confusion[c][vote[0]]);
            }
        } else if (vote.length > 1) {
            double without = vote.length * miss(accuracy);
            double more = Math.log((accuracy - miss(accuracy) + without) / without);
            for (int c : vote) {
                logs[c] += more;
            }
        }
    }

    /** A one-coin annotator's probability of each wrong label. */
    private double miss(double accuracy) {
        return (1 - accuracy) / (labels - 1);
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
        double miss = miss(accuracy);
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
