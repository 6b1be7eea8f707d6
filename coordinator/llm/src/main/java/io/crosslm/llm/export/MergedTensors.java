package io.crosslm.llm.export;

import io.crosslm.llm.Adapter;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.format.ModelFiles;
import io.crosslm.llm.format.TensorFile;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A model's tensors with an adapter added: W + scale * B A, under Hugging Face's names and in its
 * layout. Sums run in float64 and are rounded to float32 once. Confined to one thread.
 */
final class MergedTensors {
    private static final String WEIGHT = ".weight";
    private static final String OUTPUT = "lm_head.weight";
    // Old files keep the rotary embedding's frequencies, which follow from the configuration.
    private static final String FREQUENCIES = ".rotary_emb.inv_freq";

    private final TensorFile tensors;
    private final Adapter adapter;
    private final List<String> names = new ArrayList<>();
    private String matricesOf = "";
    private float[] a = {};
    private float[] b = {};
    private double[] sums = {};

    /**
     * Tensors of a model.
     *
     * @throws LanguageModelException BAD_ADAPTER if the adapter has layers that the model has not
     */
    MergedTensors(ModelFiles files, Adapter adapter) {
        this.tensors = files.tensors();
        this.adapter = adapter;
        boolean tied = files.configuration().tiedEmbeddings();
        for (String name : tensors.names()) {
            if (!name.endsWith(FREQUENCIES) && !(tied && name.equals(OUTPUT))) {
                names.add(name);
            }
        }
        checkFits();
    }

    private void checkFits() {
        for (String layer : adapter.layers()) {
            Adapter.Matrices matrices = adapter.matrices(layer);
            List<Long> needed = List.of((long) matrices.out(), (long) matrices.in());
            String name = layer + WEIGHT;
            List<Long> shape = names.contains(name) ? tensors.shape(name) : List.of();
            if (!shape.equals(needed)) {
                throw new LanguageModelException(
                        Code.BAD_ADAPTER,
                        "The adapter changes "
                                + layer
                                + " of shape "
                                + needed
                                + ", the model has "
                                + (shape.isEmpty() ? "no such layer" : shape.toString())
                                + "; use an adapter that was made for this model");
            }
        }
    }

    /** Names of what is exported, in the model file's order. */
    List<String> names() {
        return List.copyOf(names);
    }

    boolean has(String name) {
        return names.contains(name);
    }

    /** Sizes, slowest first. */
    List<Long> shape(String name) {
        return tensors.shape(name);
    }

    long valueCount(String name) {
        return shape(name).stream().reduce(1L, Math::multiplyExact);
    }

    /** Values of a row, the last dimension; a vector is one row. */
    int rowLength(String name) {
        List<Long> shape = shape(name);
        return shape.isEmpty() ? 1 : Math.toIntExact(shape.get(shape.size() - 1));
    }

    /** Rows that are there. */
    long rowCount(String name) {
        return valueCount(name) / rowLength(name);
    }

    /** Reads rows with what the adapter adds to them. */
    void readRows(String name, long firstRow, int count, float[] target) {
        tensors.readRows(name, firstRow, count, FloatBuffer.wrap(target));
        Adapter.@Nullable Matrices matrices = matrices(name);
        if (matrices == null) {
            return;
        }
        int in = matrices.in();
        for (int row = 0; row < count; row++) {
            addRow(Math.toIntExact(firstRow + row), in, target, row * in);
        }
    }

    private Adapter.@Nullable Matrices matrices(String name) {
        if (!name.endsWith(WEIGHT)) {
            return null;
        }
        String layer = name.substring(0, name.length() - WEIGHT.length());
        if (!adapter.layers().contains(layer)) {
            return null;
        }
        Adapter.Matrices matrices = adapter.matrices(layer);
        if (!layer.equals(matricesOf)) {
            matricesOf = layer;
            a = matrices.a();
            b = matrices.b();
            sums = new double[matrices.in()];
        }
        return matrices;
    }

    /** sums[j] = sum over r of B[row, r] * A[r, j], then W + scale * sums. */
    private void addRow(int row, int in, float[] target, int at) {
        int rank = adapter.rank();
        java.util.Arrays.fill(sums, 0);
        for (int r = 0; r < rank; r++) {
            double factor = b[row * rank + r];
            for (int j = 0; j < in; j++) {
                sums[j] += factor * a[r * in + j];
            }
        }
        double scale = adapter.scale();
        for (int j = 0; j < in; j++) {
            target[at + j] = (float) (target[at + j] + scale * sums[j]);
        }
    }
}
