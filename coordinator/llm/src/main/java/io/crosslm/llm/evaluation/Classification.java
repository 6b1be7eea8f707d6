package io.crosslm.llm.evaluation;

import java.util.Arrays;
import java.util.function.ToDoubleFunction;

/** Labels that a model found against the right ones. Immutable. */
public final class Classification {
    private final int[] right;
    private final int[] found;
    private final int labelCount;

    private Classification(int[] right, int[] found, int labelCount) {
        this.right = right;
        this.found = found;
        this.labelCount = labelCount;
    }

    /**
     * Compares labels.
     *
     * @param right of N texts, N at least 1
     * @param found of the same texts
     * @param labelCount above every label
     */
    public static Classification of(int[] right, int[] found, int labelCount) {
        if (right.length == 0 || right.length != found.length) {
            throw new IllegalArgumentException(
                    "Expected as many labels found as right ones, and one at least, but got "
                            + found.length
                            + " and "
                            + right.length);
        }
        return new Classification(right.clone(), found.clone(), labelCount);
    }

    /** Texts. */
    public int size() {
        return right.length;
    }

    /** Share of texts whose label is right. */
    public Estimate accuracy() {
        return Estimate.of(hits());
    }

    /**
     * Mean over labels of F1 = 2 TP / (2 TP + FP + FN), over the labels that are right or found
     * somewhere, as scikit-learn's macro average; the standard error is that of a bootstrap over
     * texts.
     */
    public Estimate macroF1() {
        return estimate(this::macroF1);
    }

    /** Accuracy less the other's on the same texts; the standard error is that of pairs. */
    public Estimate accuracyMinus(Classification other) {
        double[] hits = hits();
        double[] others = other.hits();
        for (int i = 0; i < hits.length; i++) {
            hits[i] -= others[i];
        }
        return Estimate.of(hits);
    }

    /** Macro-F1 less the other's on the same texts. */
    public Estimate macroF1Minus(Classification other) {
        return estimate(drawn -> macroF1(drawn) - other.macroF1(drawn));
    }

    private Estimate estimate(ToDoubleFunction<int[]> statistic) {
        int[] all = new int[right.length];
        Arrays.setAll(all, i -> i);
        return new Estimate(
                statistic.applyAsDouble(all), Bootstrap.standardError(all.length, statistic));
    }

    private double[] hits() {
        double[] hits = new double[right.length];
        for (int i = 0; i < hits.length; i++) {
            hits[i] = right[i] == found[i] ? 1 : 0;
        }
        return hits;
    }

    private double macroF1(int[] drawn) {
        int[] both = new int[labelCount];
        int[] either = new int[labelCount]; // TP + FN and TP + FP
        for (int i : drawn) {
            either[right[i]]++;
            either[found[i]]++;
            if (right[i] == found[i]) {
                both[right[i]]++;
            }
        }
        double sum = 0;
        int labels = 0;
        for (int c = 0; c < labelCount; c++) {
            if (either[c] > 0) {
                sum += 2.0 * both[c] / either[c];
                labels++;
            }
        }
        return sum / labels;
    }
}
