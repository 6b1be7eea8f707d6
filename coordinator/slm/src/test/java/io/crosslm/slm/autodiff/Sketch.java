package io.crosslm.slm.autodiff;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.crosslm.slm.graph.Attributes;
import io.crosslm.slm.graph.Graph;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * A small random graph in which an operator is tried: float64 inputs with random values, and
 * dimensions by name, whose sizes are random and which the differentiator may know or not.
 */
final class Sketch {
    private static final int LARGEST = 4;

    private final Graph graph = new Graph();
    private final Random random;
    private final boolean single;
    private final Map<String, Dimension> dimensions = new HashMap<>();
    private final Map<String, Input> inputs = new LinkedHashMap<>();
    private final Set<String> constants = new HashSet<>();

    /**
     * An empty graph.
     *
     * @param single whether operators compute in float32, as not all of them know float64
     */
    Sketch(Random random, boolean single) {
        this.random = random;
        this.single = single;
    }

    Graph graph() {
        return graph;
    }

    boolean single() {
        return single;
    }

    Map<String, Input> inputs() {
        return inputs;
    }

    /** Names of the inputs that have gradients. */
    List<String> variables() {
        return inputs.keySet().stream().filter(name -> !constants.contains(name)).toList();
    }

    int random(int below) {
        return random.nextInt(below);
    }

    boolean chance() {
        return random.nextBoolean();
    }

    /** Fixes what is random otherwise; such a dimension is known to the differentiator. */
    void size(String dimension, int size) {
        dimensions.put(dimension, new Dimension(size, false));
    }

    /** Fixes the size of a dimension that the differentiator does not know. */
    void dynamicSize(String dimension, int size) {
        dimensions.put(dimension, new Dimension(size, true));
    }

    int size(String dimension) {
        return dimension(dimension).size;
    }

    private Dimension dimension(String name) {
        return name.equals("1")
                ? new Dimension(1, false)
                : dimensions.computeIfAbsent(
                        name,
                        key -> new Dimension(1 + random.nextInt(LARGEST), random.nextBoolean()));
    }

    /** A value with elements in -2 .. 2; each letter is a dimension, 1 is 1. */
    String x(String letters) {
        return x(letters, -2, 2);
    }

    /** A value with elements between two numbers. */
    String x(String letters, double low, double high) {
        String name = "in" + inputs.size();
        TypeProto.Tensor.Builder type =
                TypeProto.Tensor.newBuilder().setElemType(TensorProto.DataType.DOUBLE.getNumber());
        type.getShapeBuilder();
        long[] shape = new long[letters.length()];
        int count = 1;
        for (int i = 0; i < shape.length; i++) {
            String letter = letters.substring(i, i + 1);
            Dimension dimension = dimension(letter);
            shape[i] = dimension.size;
            count *= dimension.size;
            if (dimension.dynamic) {
                type.getShapeBuilder().addDimBuilder().setDimParam(letter);
            } else {
                type.getShapeBuilder().addDimBuilder().setDimValue(dimension.size);
            }
        }
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = low + (high - low) * random.nextDouble();
        }
        inputs.put(name, new Input(shape, values));
        graph.addInput(
                ValueInfoProto.newBuilder()
                        .setName(name)
                        .setType(TypeProto.newBuilder().setTensorType(type))
                        .build());
        return single ? cast(name, TensorProto.DataType.FLOAT) : name;
    }

    /** A value without a gradient. */
    String constant(String letters) {
        String name = "in" + inputs.size();
        String value = x(letters);
        constants.add(name);
        return value;
    }

    /** Letters of which some at the front are left out and some are 1. */
    String broadcast(String letters) {
        StringBuilder some = new StringBuilder(letters.substring(random(letters.length() + 1)));
        for (int i = 0; i < some.length(); i++) {
            if (random(3) == 0) {
                some.setCharAt(i, '1');
            }
        }
        return some.toString();
    }

    String op(String operator, String... in) {
        return graph.add(operator, in);
    }

    String op(String operator, List<String> in, AttributeProto... attributes) {
        return graph.add(operator, in, attributes);
    }

    String cast(String value, TensorProto.DataType type) {
        return op("Cast", Arrays.asList(value), Attributes.of("to", type.getNumber()));
    }

    String longs(long... values) {
        return graph.longs(values);
    }

    /** A constant of the element type in which operators compute. */
    String scalar(double value) {
        return graph.scalar(
                value, single ? TensorProto.DataType.FLOAT : TensorProto.DataType.DOUBLE);
    }

    private static final class Dimension {
        private final int size;
        private final boolean dynamic;

        Dimension(int size, boolean dynamic) {
            this.size = size;
            this.dynamic = dynamic;
        }
    }

    /** Shape and values, row-major, of an input. */
    record Input(long[] shape, double[] values) {}
}
