package io.crosslm.llm.evaluation;

import java.util.Arrays;
import java.util.List;

/**
 * Turns log-likelihoods of label words into class distributions: subtracts per label a mean over
 * texts whose labels are about balanced, so that a word that the model likes anyway has no
 * advantage (contextual calibration; the idea is that of Zhao et al., Calibrate Before Use, 2021,
 * with real texts in place of an empty one), adds the log of a class prior, and normalises.
 * Immutable.
 */
public final class LabelCalibration {
    private final double[] subtracted;
    private final double[] logPrior;

    private LabelCalibration(double[] subtracted, double[] logPrior) {
        this.subtracted = subtracted;
        this.logPrior = logPrior;
    }

    /** Subtracts nothing. */
    public static LabelCalibration none(int labelCount) {
        return new LabelCalibration(new double[labelCount], new double[labelCount]);
    }

    /**
     * Calibrates by a batch.
     *
     * @param logLikelihoods [texts][labels] in nats, at least one text
     */
    public static LabelCalibration of(double[][] logLikelihoods) {
        if (logLikelihoods.length == 0) {
            throw new IllegalArgumentException("Calibration needs at least one text");
        }
        double[] means = new double[logLikelihoods[0].length];
        for (double[] row : logLikelihoods) {
            for (int c = 0; c < means.length; c++) {
                means[c] += row[c] / logLikelihoods.length;
            }
        }
        return new LabelCalibration(means, new double[means.length]);
    }

    /** Subtracts means that are known, in nats. */
    public static LabelCalibration of(List<Double> means) {
        return new LabelCalibration(
                means.stream().mapToDouble(Double::doubleValue).toArray(),
                new double[means.size()]);
    }

    /** What is subtracted from each label, in nats. */
    public List<Double> means() {
        return Arrays.stream(subtracted).boxed().toList();
    }

    /**
     * The same for texts whose labels are not balanced.
     *
     * @param prior share of each label, above 0; their sum does not matter
     */
    public LabelCalibration withPrior(List<Double> prior) {
        if (prior.size() != subtracted.length || prior.stream().anyMatch(share -> !(share > 0))) {
            throw new IllegalArgumentException(
                    "A prior needs a share above 0 for each of " + subtracted.length + " labels");
        }
        return new LabelCalibration(subtracted, prior.stream().mapToDouble(Math::log).toArray());
    }

    /** Class distribution of a text, from its log-likelihoods. */
    public double[] probabilities(double[] logLikelihoods) {
        double[] row = new double[logLikelihoods.length];
        Arrays.setAll(row, c -> logLikelihoods[c] - subtracted[c] + logPrior[c]);
        double maximum = Arrays.stream(row).max().orElse(0);
        double sum = 0;
        for (int c = 0; c < row.length; c++) {
            row[c] = Math.exp(row[c] - maximum);
            sum += row[c];
        }
        for (int c = 0; c < row.length; c++) {
            row[c] /= sum;
        }
        return row;
    }

    /** The likeliest label of each text, the first one of equals. */
    public int[] labels(double[][] logLikelihoods) {
        int[] labels = new int[logLikelihoods.length];
        for (int i = 0; i < labels.length; i++) {
            double[] row = probabilities(logLikelihoods[i]);
            for (int c = 1; c < row.length; c++) {
                labels[i] = row[c] > row[labels[i]] ? c : labels[i];
            }
        }
        return labels;
    }
}
