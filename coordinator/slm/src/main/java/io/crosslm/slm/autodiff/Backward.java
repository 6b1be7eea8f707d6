package io.crosslm.slm.autodiff;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.crosslm.slm.SlmException;
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

/**
 * One backward pass: which values need a gradient, what has been summed up for each so far, and the
 * arithmetic that rules are written in. Shapes and types are known of the values that were there
 * before the pass, which are what rules name.
 */
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

    /** The value's gradient; zeros if nothing that counts depends on it. */
    String gradientOrZeros(String value) {
        String known = gradients.get(value);
        return known == null ? zeros(op("Shape", value), value) : known;
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
    String summed(String share, long[] from, long[] to) {
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
            result = sum(result, false, unboxed(leading));
        }
        return inner.isEmpty() ? result : sum(result, true, unboxed(inner));
    }

    /** Sums over axes, which stay as 1 or go. */
    String sum(String value, boolean keep, long... axes) {
        return op(
                "ReduceSum",
                Arrays.asList(value, longs(axes)),
                Attributes.of("keepdims", keep ? 1 : 0));
    }

    /** The mean over axes, which stay as 1. */
    String mean(String value, long... axes) {
        return op(
                "ReduceMean",
                Arrays.asList(value),
                Attributes.of("axes", axes),
                Attributes.of("keepdims", 1));
    }

    private static long[] unboxed(List<Long> values) {
        return values.stream().mapToLong(Long::longValue).toArray();
    }

    long[] shape(String value) {
        return shapes.of(value);
    }

    int rank(String value) {
        return shapes.rank(value);
    }

    TensorProto.DataType type(String value) {
        return shapes.type(value);
    }

    String op(String operator, String... inputs) {
        return graph.add(operator, inputs);
    }

    String op(String operator, List<String> inputs, AttributeProto... attributes) {
        return graph.add(operator, inputs, attributes);
    }

    List<String> ops(String operator, List<String> in, int resultCount, AttributeProto... with) {
        return graph.addAll(operator, in, resultCount, with);
    }

    /** The second result of the node that makes a value, asked for now if it was not before. */
    String secondResult(String value) {
        return graph.secondResult(value);
    }

    /** A scalar of the element type of a value. */
    String scalar(double value, String like) {
        return graph.scalar(value, type(like));
    }

    String longs(long... values) {
        return graph.longs(values);
    }

    /** A value in the element type of another. */
    String cast(String value, String like) {
        return op("Cast", Arrays.asList(value), Attributes.of("to", type(like).getNumber()));
    }

    /** 1 where a condition holds, else 0, in the element type of a value. */
    String indicator(String condition, String like) {
        return op("Where", condition, scalar(1, like), scalar(0, like));
    }

    /** Zeros of a shape, which is a vector, in the element type of a value. */
    String zeros(String shape, String like) {
        return op(
                "ConstantOfShape",
                Arrays.asList(shape),
                Attributes.of("value", Tensors.zero(type(like))));
    }

    /** The size of one axis of a value, a vector of one number. */
    String size(String value, int axis) {
        return op("Gather", op("Shape", value), longs(axis < 0 ? axis + rank(value) : axis));
    }

    /** The sizes of an image tensor [N, channels, sizes…] after its channels, a vector. */
    String imageSizes(String value) {
        return op("Slice", op("Shape", value), longs(2), longs(Long.MAX_VALUE));
    }

    String reshaped(String value, String shape) {
        return op("Reshape", value, shape);
    }

    /** A value in the shape of another. */
    String shapedAs(String value, String like) {
        return reshaped(value, op("Shape", like));
    }

    String concat(String... vectors) {
        return op("Concat", Arrays.asList(vectors), Attributes.of("axis", 0));
    }

    /** The value with its dimensions in another order. */
    String transposed(String value, long... order) {
        return op("Transpose", Arrays.asList(value), Attributes.of("perm", order));
    }

    /** The value with its last two dimensions exchanged. */
    String matrixTransposed(String value, int rank) {
        long[] order = new long[rank];
        for (int i = 0; i < rank; i++) {
            order[i] = i;
        }
        order[rank - 1] = rank - 2;
        order[rank - 2] = rank - 1;
        return transposed(value, order);
    }

    /** A float scalar that is an initial value or the result of a Constant node. */
    Optional<Float> constantScalar(String value) {
        return constant(value)
                .filter(t -> t.getDataType() == TensorProto.DataType.FLOAT.getNumber())
                .map(Tensors::toFloats)
                .filter(values -> values.length == 1)
                .map(values -> values[0]);
    }

    /** An initial value or the result of a Constant node. */
    Optional<TensorProto> constant(String value) {
        TensorProto tensor = graph.initializers().get(value);
        return tensor != null
                ? Optional.of(tensor)
                : graph.producer(value)
                        .filter(node -> node.getOpType().equals("Constant"))
                        .flatMap(node -> Attributes.find(node, "value"))
                        .map(AttributeProto::getT);
    }

    /** The node that makes a value, if it has that operator. */
    Optional<NodeProto> maker(String value, String operator) {
        return graph.producer(value).filter(node -> node.getOpType().equals(operator));
    }

    /** The input of that place, which operators may lack or leave empty. */
    static Optional<String> input(NodeProto node, int place) {
        return place < node.getInputCount() && !node.getInput(place).isEmpty()
                ? Optional.of(node.getInput(place))
                : Optional.empty();
    }

    /** A rule's refusal of a form of its operator; the reason ends with what to do. */
    static SlmException refusal(NodeProto node, String reason) {
        return new SlmException(
                SlmException.Code.NO_GRADIENT,
                "There is no gradient rule for this form of node "
                        + describe(node)
                        + ": "
                        + reason);
    }

    static String describe(NodeProto node) {
        return node.getName() + " (" + node.getOpType() + ")";
    }
}
