package io.crosslm.slm.tflite;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * Parameters that were trained elsewhere, as constants: what is looked up by row as int8 numbers
 * with one scale for a parameter, a quarter of the memory and off by half a scale at most; all else
 * as float32.
 */
final class FixedParameters implements GraphParameters {
    private static final int LARGEST = 127;

    private final Subgraph graph;
    private final Map<String, int[]> dimensions;
    private final Map<String, float[]> numbers;
    private final Map<String, Integer> values = new HashMap<>();

    /**
     * Parameters of a graph.
     *
     * @param dimensions of each
     * @param numbers of each, row-major
     * @throws IllegalArgumentException if numbers are missing, of another count, not finite, or of
     *     a parameter that the graph has not
     */
    FixedParameters(Subgraph graph, Map<String, int[]> dimensions, Map<String, float[]> numbers) {
        this.graph = graph;
        this.dimensions = dimensions;
        this.numbers = numbers;
        Set<String> unknown = new TreeSet<>(numbers.keySet());
        unknown.removeAll(dimensions.keySet());
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(
                    "expected the parameters "
                            + new TreeSet<>(dimensions.keySet())
                            + " but there are also "
                            + unknown
                            + "; say which model they are of (--light)");
        }
        dimensions.forEach((name, sizes) -> check(name, sizes, numbers(numbers, name)));
    }

    /**
     * The numbers of a parameter.
     *
     * @throws IllegalArgumentException if there are none
     */
    static float[] numbers(Map<String, float[]> numbers, String name) {
        float[] found = numbers.get(name);
        if (found == null) {
            throw new IllegalArgumentException(
                    "expected a parameter " + name + " but there are " + numbers.keySet());
        }
        return found;
    }

    /**
     * How many rows of a size the numbers of a parameter are.
     *
     * @throws IllegalArgumentException if there are none, or the last one is not whole
     */
    static int rows(Map<String, float[]> numbers, String name, int size) {
        int count = numbers(numbers, name).length;
        if (size < 1 || count == 0 || count % size != 0) {
            throw new IllegalArgumentException(
                    "expected the parameter "
                            + name
                            + " to have rows of "
                            + size
                            + " numbers, as the others have it, but it has "
                            + count);
        }
        return count / size;
    }

    private static void check(String name, int[] sizes, float[] found) {
        long count = 1;
        for (int size : sizes) {
            count *= size;
        }
        if (found.length != count) {
            throw new IllegalArgumentException(
                    "expected "
                            + count
                            + " numbers of the parameter "
                            + name
                            + ", as the others have it, but there are "
                            + found.length);
        }
        for (float number : found) {
            if (!Float.isFinite(number)) {
                throw new IllegalArgumentException("a number of " + name + " is not finite");
            }
        }
    }

    @Override
    public Subgraph graph() {
        return graph;
    }

    @Override
    public int value(String name) {
        return values.computeIfAbsent(name, n -> graph.floats(dimensions(n), numbers(numbers, n)));
    }

    @Override
    public int rows(String name, int indexes) {
        float[] exact = numbers(numbers, name);
        float largest = 0;
        for (float number : exact) {
            largest = Math.max(largest, Math.abs(number));
        }
        float scale = largest == 0 ? 1 : largest / LARGEST;
        byte[] quantised = new byte[exact.length];
        for (int i = 0; i < quantised.length; i++) {
            quantised[i] = (byte) Math.round(exact[i] / scale);
        }
        return graph.quantisedRows(dimensions(name), quantised, scale, indexes);
    }

    private int[] dimensions(String name) {
        return Objects.requireNonNull(dimensions.get(name));
    }
}
