package io.crosslm.llm.format;

import java.nio.FloatBuffer;
import java.util.List;
import java.util.Set;

/** Named tensors in files, read as float32. Confined to one thread at a time. */
public interface TensorFile extends AutoCloseable {
    /** Names of all tensors. */
    Set<String> names();

    /**
     * Sizes of a tensor, slowest first: a weight [out, in].
     *
     * @throws io.crosslm.llm.LanguageModelException if there is no such tensor
     */
    List<Long> shape(String name);

    /**
     * Reads rows of a tensor; a row is its last dimension, so a vector has one.
     *
     * @param target gets rowCount * row length values
     */
    void readRows(String name, long firstRow, int rowCount, FloatBuffer target);

    @Override
    void close();

    /** The whole tensor. */
    default float[] read(String name) {
        List<Long> shape = shape(name);
        long count = 1;
        for (long size : shape) {
            count *= size;
        }
        float[] values = new float[Math.toIntExact(count)];
        long row = shape.isEmpty() ? 1 : shape.get(shape.size() - 1);
        readRows(name, 0, Math.toIntExact(count / row), FloatBuffer.wrap(values));
        return values;
    }
}
