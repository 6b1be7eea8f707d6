package io.crosslm.slm.graph;

import ai.onnx.proto.OnnxMl.TensorProto;
import io.crosslm.slm.SlmException;
import java.util.HashMap;
import java.util.Map;

/**
 * Dimensions and element types of the values of a graph, found by running it on two inputs of
 * different size. A dimension that differs is {@value #DYNAMIC}. Immutable.
 */
public final class Shapes {
    /** A dimension that depends on the input. */
    public static final long DYNAMIC = -1;

    private final Map<String, Seen> values;
    private final Map<String, Seen> first;
    private final Map<String, Seen> second;

    private Shapes(Map<String, Seen> values, Map<String, Seen> first, Map<String, Seen> second) {
        this.values = values;
        this.first = first;
        this.second = second;
    }

    /** Joins what two runs showed; both maps hold the same names. */
    public static Shapes of(Map<String, Seen> first, Map<String, Seen> second) {
        Map<String, Seen> joined = new HashMap<>();
        first.forEach(
                (name, one) -> {
                    Seen other = second.get(name);
                    if (other == null || other.dimensions.length != one.dimensions.length) {
                        throw new SlmException(
                                SlmException.Code.BAD_ENCODER,
                                "The rank of " + name + " depends on the input's size");
                    }
                    long[] both = one.dimensions.clone();
                    for (int i = 0; i < both.length; i++) {
                        both[i] = both[i] == other.dimensions[i] ? both[i] : DYNAMIC;
                    }
                    joined.put(name, new Seen(one.type, both));
                });
        return new Shapes(joined, new HashMap<>(first), new HashMap<>(second));
    }

    /** Whether the value was seen. */
    public boolean knows(String value) {
        return values.containsKey(value);
    }

    /** Dimensions of a value. */
    public long[] of(String value) {
        return seen(value).dimensions.clone();
    }

    /** Dimensions that a value had in the first run. */
    public long[] first(String value) {
        return seen(first, value).dimensions.clone();
    }

    /** Dimensions that a value had in the second run. */
    public long[] second(String value) {
        return seen(second, value).dimensions.clone();
    }

    /** Number of dimensions of a value. */
    public int rank(String value) {
        return seen(value).dimensions.length;
    }

    /** Element type of a value. */
    public TensorProto.DataType type(String value) {
        return seen(value).type;
    }

    private Seen seen(String value) {
        return seen(values, value);
    }

    private static Seen seen(Map<String, Seen> values, String value) {
        Seen found = values.get(value);
        if (found == null) {
            throw new SlmException(
                    SlmException.Code.BAD_ENCODER, "The shape of " + value + " is not known");
        }
        return found;
    }

    /** A dimension that must not depend on the input. */
    public long fixed(String value, int axis) {
        long[] all = of(value);
        long dimension = all[axis < 0 ? axis + all.length : axis];
        if (dimension == DYNAMIC) {
            throw new SlmException(
                    SlmException.Code.BAD_ENCODER,
                    "Dimension " + axis + " of " + value + " depends on the input");
        }
        return dimension;
    }

    /** What a run showed of a value. Immutable. */
    public static final class Seen {
        private final TensorProto.DataType type;
        private final long[] dimensions;

        /** A value of that element type and dimensions. */
        public Seen(TensorProto.DataType type, long... dimensions) {
            this.type = type;
            this.dimensions = dimensions.clone();
        }
    }
}
