package io.crosslm.coordinator.feedback;

import java.util.Arrays;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * One annotator's label distributions of a batch, in batch order; samples that it did not score
 * have none. Immutable.
 */
public final class Opinions {
    private static final double[] NOT_SCORED = {};

    /** Probabilities that are closer differ by rounding alone. */
    private static final double TIE = 1e-6;

    private final int labelCount;
    private final double[][] rows;

    private Opinions(int labelCount, double[][] rows) {
        this.labelCount = labelCount;
        this.rows = rows;
    }

    /**
     * Opinions of these distributions.
     *
     * @param rows one per sample, each with {@code labelCount} probabilities, or empty where the
     *     sample was not scored
     * @throws IllegalArgumentException if a row has another length or a value outside [0, 1]
     */
    public static Opinions of(int labelCount, double[][] rows) {
        double[][] copy = new double[rows.length][];
        for (int i = 0; i < rows.length; i++) {
            copy[i] = rows[i].length == 0 ? NOT_SCORED : checked(labelCount, rows[i].clone(), i);
        }
        return new Opinions(labelCount, copy);
    }

    /** Opinions of an annotator that scored nothing. */
    public static Opinions none(int sampleCount, int labelCount) {
        double[][] rows = new double[sampleCount][];
        Arrays.fill(rows, NOT_SCORED);
        return new Opinions(labelCount, rows);
    }

    private static double[] checked(int labelCount, double[] row, int index) {
        if (row.length != labelCount) {
            throw new IllegalArgumentException(
                    "sample " + index + ": expected " + labelCount + " values, got " + row.length);
        }
        for (double value : row) {
            if (!(value >= 0 && value <= 1)) {
                throw new IllegalArgumentException(
                        "sample " + index + ": a probability must be in [0, 1]");
            }
        }
        return row;
    }

    /** Samples of the batch, scored or not. */
    public int sampleCount() {
        return rows.length;
    }

    public int labelCount() {
        return labelCount;
    }

    public boolean isScored(int sample) {
        return rows[sample].length > 0;
    }

    /** Whether no sample is scored. */
    public boolean isSilent() {
        return Arrays.stream(rows).allMatch(row -> row.length == 0);
    }

    /** Probability of a label; the sample must be scored. */
    public double probability(int sample, int label) {
        return rows[sample][label];
    }

    /** The distribution of a sample; empty if it is not scored. */
    public double[] row(int sample) {
        return rows[sample].clone();
    }

    /**
     * The most likely label, or all labels that share the highest probability, in their order; the
     * sample must be scored.
     */
    public int[] mostLikely(int sample) {
        double[] row = rows[sample];
        double highest = confidence(sample);
        return IntStream.range(0, labelCount).filter(c -> row[c] > highest - TIE).toArray();
    }

    /** The most likely label, empty where several share that; the sample must be scored. */
    public OptionalInt vote(int sample) {
        int[] labels = mostLikely(sample);
        return labels.length == 1 ? OptionalInt.of(labels[0]) : OptionalInt.empty();
    }

    /** Probability of the most likely label; the sample must be scored. */
    public double confidence(int sample) {
        return Arrays.stream(rows[sample]).max().orElseThrow();
    }
}
