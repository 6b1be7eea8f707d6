package io.crosslm.slm.autodiff;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.crosslm.slm.graph.Attributes;
import io.crosslm.slm.graph.Graph;
import io.crosslm.slm.graph.Shapes;
import io.crosslm.slm.graph.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One backward pass: which values need a gradient, and what has been summed up for each so far. */
final class Backward {
    private final Graph graph;
    private final Shapes shapes;
    private final Set<String> needed;
    private final Map<String, String> gradients = new HashMap<>();

    Backward(Graph graph, Shapes shapes, Set<String> needed) {
        this.graph = graph;
        this.shapes = shapes;
        this.needed = needed;
    }

    boolean needs(String value) {
        return needed.contains(value);
    }

    Optional<String> gradient(String value) {
        return Optional.ofNullable(gradients.get(value));
    }

    /** Adds a share of the value's gradient, of the value's shape. */
    void add(String value, String share) {
        if (needs(value)) {
            String sum = gradients.get(value);
            gradients.put(value, sum == null ? share : op("Add", sum, share));
        }
    }

    /** Adds a share that has the shape of a result into which the value was broadcast. */
    void addBroadcast(String value, String share, String result) {
        if (needs(value)) {
            add(value, summed(share, shapes.of(result), shapes.of(value)));
        }
    }

    /** Sums a gradient of dimensions {@code from} over all that broadcasting made of {@code to}. */
    private String summed(String share, long[] from, long[] to) {
        int extra = from.length - to.length;
        List<Long> leading = new ArrayList<>();
        List<Long> inner = new ArrayList<>();
        for (int i = 0; i < extra; i++) {
            leading.add((long) i);
        }
        for (int i = 0; i < to.length; i++) {
            if (to[i] == 1 && from[i + extra] != 1) {
                inner.add((long) i);
            }
        }
        String result = share;
        if (!leading.isEmpty()) {
            result = sum(result, false, leading);
        }
        return inner.isEmpty() ? result : sum(result, true, inner);
    }

    private String sum(String value, boolean keep, List<Long> axes) {
        return op(
                "ReduceSum",
                Arrays.asList(
                        value, graph.longs(axes.stream().mapToLong(Long::longValue).toArray())),
                Attributes.of("keepdims", keep ? 1 : 0));
    }

    long[] shape(String value) {
        return shapes.of(value);
    }

    Shapes shapes() {
        return shapes;
    }

    String op(String operator, String... inputs) {
        return graph.add(operator, inputs);
    }

    String op(String operator, List<String> inputs, AttributeProto... attributes) {
        return graph.add(operator, inputs, attributes);
    }

    String scalar(double value) {
        return graph.scalar((float) value);
    }

    String longs(long... values) {
        return graph.longs(values);
    }

    /** The value with its last two dimensions exchanged. */
    String transposed(String value, int rank) {
        long[] order = new long[rank];
        for (int i = 0; i < rank; i++) {
            order[i] = i;
        }
        order[rank - 1] = rank - 2;
        order[rank - 2] = rank - 1;
        return op("Transpose", Arrays.asList(value), Attributes.of("perm", order));
    }

    /** A float scalar that is an initial value or the result of a Constant node. */
    Optional<Float> constantScalar(String value) {
        TensorProto tensor = graph.initializers().get(value);
        if (tensor == null) {
            tensor =
                    graph.producer(value)
                            .filter(node -> node.getOpType().equals("Constant"))
                            .flatMap(node -> Attributes.find(node, "value"))
                            .map(AttributeProto::getT)
                            .orElse(null);
        }
        if (tensor == null || tensor.getDataType() != TensorProto.DataType.FLOAT.getNumber()) {
            return Optional.empty();
        }
        float[] values = Tensors.toFloats(tensor);
        return values.length == 1 ? Optional.of(values[0]) : Optional.empty();
    }

    static String describe(NodeProto node) {
        return node.getName() + " (" + node.getOpType() + ")";
    }
}
