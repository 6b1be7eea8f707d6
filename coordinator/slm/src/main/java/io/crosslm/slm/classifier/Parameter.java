package io.crosslm.slm.classifier;

import io.crosslm.slm.graph.ValueType;
import java.util.Arrays;

/** A float32 tensor that is trained: name, dimensions, initial values row-major. Immutable. */
public final class Parameter {
    private final String name;
    private final long[] dimensions;
    private final float[] values;

    public Parameter(String name, long[] dimensions, float[] values) {
        long count = Arrays.stream(dimensions).reduce(1, Math::multiplyExact);
        if (count != values.length) {
            throw new IllegalArgumentException(
                    name + " needs " + count + " values but has " + values.length);
        }
        this.name = name;
        this.dimensions = dimensions.clone();
        this.values = values.clone();
    }

    public String name() {
        return name;
    }

    public long[] dimensions() {
        return dimensions.clone();
    }

    public float[] values() {
        return values.clone();
    }

    ValueType type() {
        return ValueType.floats(boxedDimensions());
    }

    Object[] boxedDimensions() {
        return Arrays.stream(dimensions).boxed().toArray();
    }
}
