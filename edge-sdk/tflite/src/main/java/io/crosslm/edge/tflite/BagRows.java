package io.crosslm.edge.tflite;

import io.crosslm.edge.tflite.runtime.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Texts as ids. Immutable. */
final class BagRows {
    private static final int WIDTH_STEP = 32;

    private final TextIds.Row[] bags;

    private BagRows(TextIds.Row[] bags) {
        this.bags = bags;
    }

    static BagRows of(List<String> texts, TextIds features) {
        TextIds.Row[] bags = new TextIds.Row[texts.size()];
        for (int i = 0; i < bags.length; i++) {
            bags[i] = features.row(texts.get(i));
        }
        return new BagRows(bags);
    }

    int size() {
        return bags.length;
    }

    /** Indexes of rows that go into one run, those of like size together, for all runs. */
    List<int[]> batches(int mostRows) {
        Integer[] order = new Integer[bags.length];
        for (int i = 0; i < order.length; i++) {
            order[i] = i;
        }
        Arrays.sort(order, Comparator.comparingInt(i -> bags[i].size()));
        List<int[]> batches = new ArrayList<>();
        for (int from = 0; from < order.length; from += mostRows) {
            int[] batch = new int[Math.min(mostRows, order.length - from)];
            for (int i = 0; i < batch.length; i++) {
                batch[i] = order[from + i];
            }
            batches.add(batch);
        }
        return batches;
    }

    /**
     * Width of a batch's tensors: what is fixed, else the largest bag, rounded up so that few
     * widths come.
     */
    int width(int[] indexes, int fixed) {
        if (fixed > 0) {
            return fixed;
        }
        int largest = 1;
        for (int index : indexes) {
            largest = Math.max(largest, bags[index].size());
        }
        return (largest + WIDTH_STEP - 1) / WIDTH_STEP * WIDTH_STEP;
    }

    /** Ids [rows, width]; what is empty has id 0. Rows may be more than the indexes. */
    Tensor ids(int[] indexes, int rows, int width) {
        int[] ids = new int[rows * width];
        for (int i = 0; i < indexes.length; i++) {
            bags[indexes[i]].copyIds(ids, i * width);
        }
        return Tensor.integers(ids, rows, width);
    }

    /** Weights [rows, width]; what is empty has weight 0. */
    Tensor weights(int[] indexes, int rows, int width) {
        float[] weights = new float[rows * width];
        for (int i = 0; i < indexes.length; i++) {
            bags[indexes[i]].copyWeights(weights, i * width);
        }
        return Tensor.floats(weights, rows, width);
    }
}
