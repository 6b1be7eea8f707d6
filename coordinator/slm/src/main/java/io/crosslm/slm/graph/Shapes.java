package io.crosslm.slm.graph;

import io.crosslm.slm.SlmException;
import java.util.HashMap;
import java.util.Map;

/**
 * Dimensions of the values of a graph, found by running it on two inputs of different size. A
 * dimension that differs is {@value #DYNAMIC}. Immutable.
 */
public final class Shapes {
    /** A dimension that depends on the input. */
    public static final long DYNAMIC = -1;

    private final Map<String, long[]> dimensions;

    private Shapes(Map<String, long[]> dimensions) {
        this.dimensions = dimensions;
    }

    /** Joins what two runs showed; both maps hold the same names. */
    public static Shapes of(Map<String, long[]> first, Map<String, long[]> second) {
        Map<String, long[]> joined = new HashMap<>();
        first.forEach(
                (name, one) -> {
                    long[] other = second.get(name);
                    if (other == null || other.length != one.length) {
                        throw new SlmException(
                                SlmException.Code.BAD_ENCODER,
                                "The rank of " + name + " depends on the input's size");
                    }
                    long[] both = one.clone();
                    for (int i = 0; i < both.length; i++) {
                        both[i] = one[i] == other[i] ? one[i] : DYNAMIC;
                    }
                    joined.put(name, both);
                });
        return new Shapes(joined);
    }

    /** Whether the value was seen. */
    public boolean knows(String value) {
        return dimensions.containsKey(value);
    }

    /** Dimensions of a value. */
    public long[] of(String value) {
        long[] found = dimensions.get(value);
        if (found == null) {
            throw new SlmException(
                    SlmException.Code.BAD_ENCODER, "The shape of " + value + " is not known");
        }
        return found.clone();
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
}
