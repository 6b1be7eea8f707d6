package io.crosslm.slm.classifier;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.crosslm.slm.graph.Attributes;
import io.crosslm.slm.graph.Graph;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A use of a linear layer in an encoder: y = x W (+ b), by a MatMul or a Gemm. Layers that are used
 * several times, as ALBERT's, have one name. Immutable.
 *
 * @param name of the layer as its framework called it, for instance
 *     encoder.layer.0.attention.self.query
 * @param node that makes the product
 * @param in size of x
 * @param out size of y
 */
record LinearLayer(String name, NodeProto node, int in, int out) {
    private static final String BIAS = ".bias";
    private static final String WEIGHT = ".weight";

    /** Operators behind which a weight is the same layer's; the last ones make floats of it. */
    private static final Set<String> HANDS_ON =
            Set.of("Transpose", "Identity", "Cast", "Sub", "Mul");

    /** The layers whose names can be told, in order. */
    static List<LinearLayer> of(Graph graph) {
        Map<String, NodeProto> producers = new HashMap<>();
        Map<String, List<NodeProto>> adders = new HashMap<>();
        for (NodeProto node : graph.nodes()) {
            node.getOutputList().forEach(out -> producers.put(out, node));
            if (node.getOpType().equals("Add")) {
                node.getInputList()
                        .forEach(
                                in -> adders.computeIfAbsent(in, k -> new ArrayList<>()).add(node));
            }
        }
        List<LinearLayer> layers = new ArrayList<>();
        for (NodeProto node : graph.nodes()) {
            boolean gemm = node.getOpType().equals("Gemm");
            boolean plain = gemm && Attributes.integer(node, "transA", 0) == 0;
            if (!plain && !node.getOpType().equals("MatMul")) {
                continue;
            }
            Weight weight = weight(graph, producers, node.getInput(1));
            if (weight == null || weight.tensor.getDimsCount() != 2) {
                continue;
            }
            boolean turned = weight.turned != (gemm && Attributes.integer(node, "transB", 0) != 0);
            int first = (int) weight.tensor.getDims(0);
            int second = (int) weight.tensor.getDims(1);
            int in = turned ? second : first;
            int out = turned ? first : second;
            name(graph, producers, adders, node, weight)
                    .ifPresent(name -> layers.add(new LinearLayer(name, node, in, out)));
        }
        return layers;
    }

    /** By its bias, which exporters name always, then its weight, then the node's path. */
    private static Optional<String> name(
            Graph graph,
            Map<String, NodeProto> producers,
            Map<String, List<NodeProto>> adders,
            NodeProto node,
            Weight weight) {
        List<String> candidates = new ArrayList<>();
        if (node.getInputCount() > 2) {
            candidates.add(node.getInput(2));
        }
        for (NodeProto adder : adders.getOrDefault(node.getOutput(0), List.of())) {
            candidates.addAll(adder.getInputList());
        }
        for (String candidate : candidates) {
            Weight bias = weight(graph, producers, candidate);
            if (bias != null && bias.tensor.getName().endsWith(BIAS)) {
                return Optional.of(without(bias.tensor.getName(), BIAS));
            }
        }
        if (weight.tensor.getName().endsWith(WEIGHT)) {
            return Optional.of(without(weight.tensor.getName(), WEIGHT));
        }
        String path = node.getName();
        int end = path.lastIndexOf('/');
        return end > 0
                ? Optional.of(path.substring(0, end).replaceFirst("^/", "").replace('/', '.'))
                : Optional.empty();
    }

    private static String without(String name, String end) {
        return name.substring(0, name.length() - end.length());
    }

    /** The weight that a value is, behind copies, transpositions and whole numbers. */
    private static @Nullable Weight weight(
            Graph graph, Map<String, NodeProto> producers, String value) {
        String at = value;
        boolean turned = false;
        while (true) {
            TensorProto tensor = graph.initializers().get(at);
            if (tensor != null) {
                return new Weight(tensor, turned);
            }
            NodeProto producer = producers.get(at);
            if (producer == null || !isOfWeights(graph, producers, producer)) {
                return null;
            }
            turned ^= producer.getOpType().equals("Transpose");
            at = producer.getInput(0);
        }
    }

    /** Whether a node hands a weight on, and has nothing to do with the graph's inputs. */
    private static boolean isOfWeights(
            Graph graph, Map<String, NodeProto> producers, NodeProto node) {
        return HANDS_ON.contains(node.getOpType())
                && node.getInputList().stream()
                        .allMatch(
                                in -> {
                                    NodeProto before = producers.get(in);
                                    return before == null
                                            ? graph.initializers().containsKey(in)
                                            : isOfWeights(graph, producers, before);
                                });
    }

    private record Weight(TensorProto tensor, boolean turned) {}
}
