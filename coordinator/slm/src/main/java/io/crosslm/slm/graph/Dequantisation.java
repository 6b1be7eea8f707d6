package io.crosslm.slm.graph;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns products of whole numbers into products of floating-point ones, which have a gradient. The
 * weights stay whole numbers in the file; nodes of the graph make floats of them, which ONNX
 * Runtime does once, when it opens the graph.
 *
 * <p>Dynamic quantisation computes s_x s_W (x_q - z_x)(W_q - z_W) for x W: DynamicQuantizeLinear
 * makes x_q, s_x and z_x of x, then follow MatMulInteger, Cast and Mul. In its place comes x (s_W
 * (W_q - z_W)), the same but for the rounding of x. Operators between whole numbers that are no
 * part of such a product stay as they are.
 *
 * <p>Not by DequantizeLinear: ONNX Runtime makes one node of that and the product, which rounds x
 * again, while the gradient that follows it does not.
 */
public final class Dequantisation {
    private final Graph graph;
    private final Map<String, NodeProto> producers = new HashMap<>();

    /** Scale and zero point of each weight. */
    private final Map<String, String> weights = new HashMap<>();

    private final Set<NodeProto> replaced = new HashSet<>();

    private Dequantisation(Graph graph) {
        this.graph = graph;
        for (NodeProto node : graph.nodes()) {
            node.getOutputList().forEach(result -> producers.put(result, node));
        }
    }

    /**
     * Rewrites a graph in place; one without whole numbers stays as it is.
     *
     * @return names of the matrices of floats that came in; none if there was no product of whole
     *     numbers
     */
    public static Set<String> apply(Graph graph) {
        return new Dequantisation(graph).rewrite();
    }

    private Set<String> rewrite() {
        Set<String> matrices = new HashSet<>();
        List<NodeProto> rewritten = new ArrayList<>();
        for (NodeProto node : graph.nodes()) {
            Product product = product(node);
            if (product == null || !product.by().equals(known(product))) {
                rewritten.add(node);
                continue;
            }
            if (weights.put(product.weight, product.by()) == null) {
                rewritten.addAll(product.dequantised());
            }
            rewritten.add(product.inFloats(node.getOutput(0)));
            matrices.add(product.floats());
            replaced.addAll(product.nodes);
        }
        graph.replaceNodes(withoutUnread(rewritten), graph.opset());
        if (!matrices.isEmpty()) {
            // Of zero points without use the runtime would complain.
            graph.removeUnreadInitializers();
        }
        return matrices;
    }

    /** How the weight of a product was made floats before; as this one does, if it was not. */
    private String known(Product product) {
        return weights.getOrDefault(product.weight, product.by());
    }

    /** Leaves out what only the replaced products read, last readers first. */
    private List<NodeProto> withoutUnread(List<NodeProto> nodes) {
        Set<String> read = new HashSet<>(graph.outputs());
        List<NodeProto> kept = new ArrayList<>();
        for (int i = nodes.size() - 1; i >= 0; i--) {
            NodeProto node = nodes.get(i);
            boolean unread = node.getOutputList().stream().noneMatch(read::contains);
            if (!(unread && replaced.contains(node))) {
                kept.add(node);
                read.addAll(node.getInputList());
            }
        }
        Collections.reverse(kept);
        return kept;
    }

    /** The product whose last node this is, or null. */
    private @Nullable Product product(NodeProto node) {
        if (!node.getOpType().equals("Mul")) {
            return null;
        }
        Product one = product(node.getInput(0), node.getInput(1));
        return one == null ? product(node.getInput(1), node.getInput(0)) : one;
    }

    private @Nullable Product product(String sum, String scale) {
        NodeProto cast = producer(sum, "Cast");
        NodeProto scales = producer(scale, "Mul");
        NodeProto whole = cast == null ? null : producer(cast.getInput(0), "MatMulInteger");
        NodeProto quantised =
                whole == null ? null : producer(whole.getInput(0), "DynamicQuantizeLinear");
        if (cast == null || scales == null || whole == null || quantised == null) {
            return null;
        }
        int ofInput = scales.getInputList().indexOf(quantised.getOutput(1));
        String ofWeight = ofInput < 0 ? "" : scales.getInput(1 - ofInput);
        String weight = whole.getInput(1);
        boolean fits =
                graph.initializers().containsKey(weight)
                        && graph.initializers().containsKey(ofWeight)
                        && whole.getInputCount() > 2
                        && whole.getInput(2).equals(quantised.getOutput(2))
                        && Attributes.integer(cast, "to", 0)
                                == TensorProto.DataType.FLOAT.getNumber();
        return fits
                ? new Product(
                        whole.getName(),
                        quantised.getInput(0),
                        weight,
                        ofWeight,
                        whole.getInputCount() > 3 ? zeroPoint(whole.getInput(3)) : "",
                        List.of(quantised, whole, cast, scales))
                : null;
    }

    /** Empty where nothing would be taken off: that is a matrix of floats less. */
    private String zeroPoint(String name) {
        TensorProto tensor = graph.initializers().get(name);
        return tensor != null && Tensors.isZero(tensor) ? "" : name;
    }

    private @Nullable NodeProto producer(String value, String operator) {
        NodeProto node = producers.get(value);
        return node != null && node.getOpType().equals(operator) ? node : null;
    }

    /**
     * A product of a value and a weight.
     *
     * @param name of the node that multiplies
     * @param zero the weight's zero point; empty for 0
     * @param nodes that compute it, but the last
     */
    private record Product(
            String name,
            String input,
            String weight,
            String scale,
            String zero,
            List<NodeProto> nodes) {
        private String by() {
            return scale + "\n" + zero;
        }

        private String floats() {
            return weight + "_dequantised";
        }

        /** The weight in floats; scale and zero point are one number, or one for each column. */
        List<NodeProto> dequantised() {
            List<NodeProto> nodes = new ArrayList<>();
            String whole = weight + "_cast";
            nodes.add(cast(weight, whole));
            if (!zero.isEmpty()) {
                nodes.add(cast(zero, weight + "_zero_cast"));
                nodes.add(node("Sub", weight + "_centred", whole, weight + "_zero_cast"));
                whole = weight + "_centred";
            }
            nodes.add(node("Mul", floats(), whole, scale));
            return nodes;
        }

        private static NodeProto cast(String value, String result) {
            return node("Cast", result, value).toBuilder()
                    .addAttribute(Attributes.of("to", TensorProto.DataType.FLOAT.getNumber()))
                    .build();
        }

        private static NodeProto node(String operator, String result, String... in) {
            return NodeProto.newBuilder()
                    .setOpType(operator)
                    .setName("node_" + result)
                    .addAllInput(List.of(in))
                    .addOutput(result)
                    .build();
        }

        NodeProto inFloats(String result) {
            return NodeProto.newBuilder()
                    .setOpType("MatMul")
                    .setName(name)
                    .addInput(input)
                    .addInput(floats())
                    .addOutput(result)
                    .build();
        }
    }
}
