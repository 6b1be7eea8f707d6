package io.crosslm.edge.tflite.runtime;

import java.util.Arrays;

/** Numbers that go into a signature or come out of it, row-major: float32 or int32. Immutable. */
public final class Tensor {
    private final int[] dimensions;
    private final float[] floats;
    private final int[] integers;

    private Tensor(int[] dimensions, float[] floats, int[] integers) {
        this.dimensions = dimensions.clone();
        this.floats = floats;
        this.integers = integers;
    }

    /** A float32 tensor; the array is not copied and must not change any more. */
    public static Tensor floats(float[] values, int... dimensions) {
        return new Tensor(dimensions, expect(values.length, dimensions, values), new int[0]);
    }

    /** An int32 tensor; the array is not copied and must not change any more. */
    public static Tensor integers(int[] values, int... dimensions) {
        return new Tensor(dimensions, new float[0], expect(values.length, dimensions, values));
    }

    private static <T> T expect(int length, int[] dimensions, T values) {
        long count = 1;
        for (int dimension : dimensions) {
            count *= dimension;
        }
        if (count != length) {
            throw new IllegalArgumentException(
                    "dimensions "
                            + Arrays.toString(dimensions)
                            + " need "
                            + count
                            + " values but there are "
                            + length);
        }
        return values;
    }

    public int[] dimensions() {
        return dimensions.clone();
    }

    /** The values themselves, not a copy: callers only read. Empty if this is an int32 tensor. */
    public float[] floats() {
        return floats;
    }

    /** The values themselves, not a copy: callers only read. Empty if this is a float32 tensor. */
    public int[] integers() {
        return integers;
    }

    /** Whether the elements are int32. */
    public boolean isInteger() {
        return integers.length > 0;
    }

    /** Dimensions only: the numbers may be scores. */
    @Override
    public String toString() {
        return "Tensor" + Arrays.toString(dimensions);
    }
}
