package io.crosslm.coordinator.feedback;

/** Arithmetic on distributions, in place. */
final class Distributions {
    private Distributions() {}

    /** Divides by the sum. */
    static void normalise(double[] row) {
        double sum = 0;
        for (double value : row) {
            sum += value;
        }
        for (int c = 0; c < row.length; c++) {
            row[c] /= sum;
        }
    }

    /** Turns logits into probabilities. */
    static void softmax(double[] row) {
        double maximum = Double.NEGATIVE_INFINITY;
        for (double value : row) {
            maximum = Math.max(maximum, value);
        }
        for (int c = 0; c < row.length; c++) {
            row[c] = Math.exp(row[c] - maximum);
        }
        normalise(row);
    }
}
