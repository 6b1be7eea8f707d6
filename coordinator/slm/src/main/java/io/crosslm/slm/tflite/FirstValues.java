package io.crosslm.slm.tflite;

import java.util.Random;
import java.util.function.ToIntFunction;

/** First values of parameters: makers of their tensors in the graph that begins a model. */
final class FirstValues {
    private FirstValues() {}

    /** Numbers of a normal distribution. */
    static ToIntFunction<Subgraph> gaussians(Random random, double deviation, int... dimensions) {
        float[] values = gaussians(random, count(dimensions), deviation);
        return graph -> graph.floats(dimensions, values);
    }

    /** The same number everywhere. */
    static ToIntFunction<Subgraph> constant(float value, int... dimensions) {
        return graph ->
                graph.add(
                        Operator.FILL, graph.integers(dimensions), graph.floats(new int[0], value));
    }

    /**
     * Random rows out of few numbers, so that the file stays small: row r C + c is sign row r times
     * normal row c. Any two rows are uncorrelated.
     */
    static ToIntFunction<Subgraph> signedRows(Random random, double deviation, int rows, int size) {
        int columns = (int) Math.sqrt(rows);
        while (rows % columns != 0) {
            columns--;
        }
        int[] signSize = {rows / columns, 1, size};
        float[] signs = new float[rows / columns * size];
        for (int i = 0; i < signs.length; i++) {
            signs[i] = random.nextBoolean() ? 1 : -1;
        }
        int[] normalSize = {1, columns, size};
        float[] normals = gaussians(random, columns * size, deviation);
        return graph ->
                graph.reshape(
                        graph.add(
                                Operator.MUL,
                                graph.floats(signSize, signs),
                                graph.floats(normalSize, normals)),
                        rows,
                        size);
    }

    private static int count(int... dimensions) {
        int count = 1;
        for (int size : dimensions) {
            count *= size;
        }
        return count;
    }

    private static float[] gaussians(Random random, int count, double deviation) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (deviation * random.nextGaussian());
        }
        return values;
    }
}
