package io.crosslm.slm.graph;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Computes products again in the whole numbers that {@link Dequantisation} made floats of, as the
 * encoder's file does: x is rounded to 8 bits, by the smallest and the largest number in it.
 *
 * <p>Applied to a train graph, the forward pass multiplies whole numbers, several times as fast as
 * floats where the processor has instructions for them. The gradient passes as if x were not
 * rounded, by the floats: the straight-through estimator (Bengio, Léonard and Courville 2013).
 * Gradients of the rest are taken at the values that were computed.
 *
 * <p>How a row is rounded depends on the other rows of its batch. Graphs that have to keep rows
 * apart, as those of DP-SGD, stay with the floats.
 */
public final class IntegerProducts {
    private static final Set<Integer> WHOLE =
            Set.of(TensorProto.DataType.INT8.getNumber(), TensorProto.DataType.UINT8.getNumber());

    private final Graph graph;
    private final Map<String, NodeProto> producers = new HashMap<>();

    /** What a value was rounded to: whole numbers, scale and zero point. */
    private final Map<String, List<String>> rounded = new HashMap<>();

    private IntegerProducts(Graph graph) {
        this.graph = graph;
        for (NodeProto node : graph.nodes()) {
            node.getOutputList().forEach(result -> producers.put(result, node));
        }
    }

    /**
     * Rewrites a graph in place. What made floats of weights is left out where nothing else reads
     * them.
     *
     * @param matrices what {@link Dequantisation} made; with none of them a graph stays as it is,
     *     also one whose file keeps weights as whole numbers and multiplies floats
     */
    public static void apply(Graph graph, Set<String> matrices) {
        if (!matrices.isEmpty()) {
            new IntegerProducts(graph).rewrite(matrices);
        }
    }

    private void rewrite(Set<String> matrices) {
        boolean found = false;
        for (NodeProto node : new ArrayList<>(graph.nodes())) {
            boolean isProduct =
                    node.getOpType().equals("MatMul") && matrices.contains(node.getInput(1));
            Weight weight = isProduct ? weight(node.getInput(1)) : null;
            if (weight != null) {
                multiply(node, weight);
                found = true;
            }
        }
        if (found) {
            graph.sortNodes();
            graph.prune();
        }
    }

    private void multiply(NodeProto node, Weight weight) {
        List<String> x =
                rounded.computeIfAbsent(
                        node.getInput(0),
                        value -> graph.addAll("DynamicQuantizeLinear", List.of(value), 3));
        List<String> factors = new ArrayList<>(List.of(x.get(0), weight.whole, x.get(2)));
        if (weight.zero != null) {
            factors.add(weight.zero);
        }
        graph.remove(node);
        String sum =
                graph.add(
                        "Cast",
                        List.of(graph.add("MatMulInteger", factors)),
                        Attributes.of("to", TensorProto.DataType.FLOAT.getNumber()));
        String scale = graph.add("Mul", x.get(1), weight.scale);
        graph.addNamed(node.getOutput(0), "Mul", List.of(sum, scale));
    }

    /** The whole numbers behind (W - zero) scale, or null. */
    private @Nullable Weight weight(String value) {
        NodeProto product = producers.get(value);
        if (product == null || !product.getOpType().equals("Mul")) {
            return null;
        }
        NodeProto difference = producers.get(product.getInput(0));
        String zero = null;
        String whole;
        if (difference != null && difference.getOpType().equals("Sub")) {
            zero = castFrom(difference.getInput(1));
            whole = castFrom(difference.getInput(0));
            if (zero == null) {
                return null;
            }
        } else {
            whole = castFrom(product.getInput(0));
        }
        String scale = product.getInput(1);
        return whole == null || !graph.initializers().containsKey(scale)
                ? null
                : new Weight(whole, scale, zero);
    }

    /** The initial value of 8 bits that a value is cast from, or null. */
    private @Nullable String castFrom(String value) {
        NodeProto cast = producers.get(value);
        if (cast == null || !cast.getOpType().equals("Cast")) {
            return null;
        }
        TensorProto tensor = graph.initializers().get(cast.getInput(0));
        return tensor != null && WHOLE.contains(tensor.getDataType()) ? tensor.getName() : null;
    }

    private record Weight(String whole, String scale, @Nullable String zero) {}
}
