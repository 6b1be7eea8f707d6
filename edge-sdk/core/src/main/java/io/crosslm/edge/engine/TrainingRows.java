package io.crosslm.edge.engine;

import io.crosslm.edge.model.LabelledText;
import io.crosslm.edge.model.ModelException;
import io.crosslm.edge.model.SoftLabelledText;
import io.crosslm.edge.model.TrainingData;
import java.util.ArrayList;
import java.util.List;

/** Training data as rows: the private examples first, then the pool; checked. Immutable. */
public final class TrainingRows {
    private static final double SUM_TOLERANCE = 1e-3;

    private final List<String> texts = new ArrayList<>();
    private final List<float[]> targets = new ArrayList<>();
    // Of the private examples.
    private final List<Integer> labels = new ArrayList<>();
    private final int privateCount;
    private final double poolWeight;
    private final double[] labelWeights;

    /**
     * Rows of the data.
     *
     * @param classBalance 0 to 1, how far private examples of rare labels weigh more
     * @throws ModelException if a label or soft label does not fit, or there is nothing
     */
    public TrainingRows(TrainingData data, int labelCount, double poolWeight, double classBalance) {
        this.poolWeight = poolWeight;
        privateCount = data.training().size();
        for (LabelledText example : data.training()) {
            float[] target = new float[labelCount];
            target[checkedLabel(example.label(), labelCount)] = 1;
            texts.add(example.text());
            targets.add(target);
            labels.add(example.label());
        }
        labelWeights = labelWeights(labels, labelCount, classBalance);
        // A pool without weight would only cost time.
        for (SoftLabelledText sample : data.pool()) {
            float[] target = checkedSoftLabel(sample.softLabel(), labelCount);
            if (poolWeight > 0) {
                texts.add(sample.text());
                targets.add(target);
            }
        }
        if (texts.isEmpty()) {
            throw new ModelException(
                    ModelException.Code.BAD_DATA, "There is neither an example nor a pool sample");
        }
    }

    /**
     * Weights of labels, (n / (k n_label))^balance for the k labels that occur, scaled so that the
     * mean over the examples is 1 (King and Zeng 2001, section 4.1, for balance 1).
     */
    private static double[] labelWeights(List<Integer> labels, int labelCount, double balance) {
        double[] counts = new double[labelCount];
        for (int label : labels) {
            counts[label]++;
        }
        double[] weights = new double[labelCount];
        double sum = 0;
        for (int label = 0; label < labelCount; label++) {
            weights[label] = counts[label] == 0 ? 0 : Math.pow(counts[label], -balance);
            sum += counts[label] * weights[label];
        }
        for (int label = 0; label < labelCount; label++) {
            weights[label] *= sum == 0 ? 1 : labels.size() / sum;
        }
        return weights;
    }

    static int checkedLabel(int label, int labelCount) {
        if (label < 0 || label >= labelCount) {
            throw new ModelException(
                    ModelException.Code.BAD_DATA,
                    "Label index " + label + " is not in 0 to " + (labelCount - 1));
        }
        return label;
    }

    private static float[] checkedSoftLabel(float[] softLabel, int labelCount) {
        double sum = 0;
        boolean sane = softLabel.length == labelCount;
        for (float p : softLabel) {
            sane &= p >= 0;
            sum += p;
        }
        if (!sane || !(Math.abs(sum - 1) <= SUM_TOLERANCE)) {
            throw new ModelException(
                    ModelException.Code.BAD_DATA,
                    "A pool sample's soft label has "
                            + softLabel.length
                            + " entries with sum "
                            + sum
                            + " where "
                            + labelCount
                            + " probabilities with sum 1 were expected");
        }
        return softLabel;
    }

    List<String> texts() {
        return texts;
    }

    int privateCount() {
        return privateCount;
    }

    int poolCount() {
        return texts.size() - privateCount;
    }

    /** Private rows + poolWeight x pool rows: what sums over rows are divided by. */
    double totalWeight() {
        return privateCount + poolWeight * poolCount();
    }

    /** Target distributions of rows, one after the other: [indexes.length x labels]. */
    public float[] targets(int[] indexes) {
        int labelCount = targets.get(0).length;
        float[] all = new float[indexes.length * labelCount];
        for (int i = 0; i < indexes.length; i++) {
            System.arraycopy(targets.get(indexes[i]), 0, all, i * labelCount, labelCount);
        }
        return all;
    }

    /**
     * Weights of a batch's rows, so that its loss estimates the whole data's: each part of the
     * batch stands for all rows of its kind, and among private rows those of rare labels may weigh
     * more.
     */
    public float[] weights(int[] indexes) {
        int privateRows = 0;
        for (int index : indexes) {
            privateRows += index < privateCount ? 1 : 0;
        }
        int poolRows = indexes.length - privateRows;
        float[] weights = new float[indexes.length];
        for (int i = 0; i < weights.length; i++) {
            double weight =
                    indexes[i] < privateCount
                            ? labelWeights[labels.get(indexes[i])] * privateCount / privateRows
                            : poolWeight * poolCount() / poolRows;
            weights[i] = (float) (weight / totalWeight());
        }
        return weights;
    }
}
