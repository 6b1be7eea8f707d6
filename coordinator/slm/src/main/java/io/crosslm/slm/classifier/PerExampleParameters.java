package io.crosslm.slm.classifier;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import io.crosslm.slm.SlmException;
import io.crosslm.slm.graph.Attributes;
import io.crosslm.slm.graph.Graph;
import io.crosslm.slm.graph.Shapes;
import io.crosslm.slm.graph.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * Gives every example of a batch parameters of its own: [B, …] copies of each parameter [...],
 * which Expand makes without a loop. A gradient by the copies holds each example's own gradient.
 *
 * <p>Operators that read parameters are rewritten so that example i meets copy i. Legend: B
 * examples, T tokens, C and D sizes.
 */
final class PerExampleParameters {
    private final Graph graph;
    private final Shapes shapes;
    private final Map<String, String> copies = new HashMap<>();

    private PerExampleParameters(Graph graph, Shapes shapes) {
        this.graph = graph;
        this.shapes = shapes;
    }

    /**
     * Rewrites the graph.
     *
     * @param batch a value whose first dimension is B
     * @return name of the copies of each parameter
     * @throws SlmException if a parameter is read in a way that is not known here
     */
    static Map<String, String> apply(Graph graph, List<Parameter> parameters, String batch) {
        PerExampleParameters rewrite = new PerExampleParameters(graph, GraphProbe.shapes(graph));
        List<NodeProto> nodes = graph.nodes();
        Map<String, String> result = new LinkedHashMap<>();
        String size = graph.add("Gather", graph.add("Shape", batch), graph.longs(0));
        for (Parameter parameter : parameters) {
            String shape =
                    graph.add(
                            "Concat",
                            Arrays.asList(size, graph.longs(parameter.dimensions())),
                            Attributes.of("axis", 0));
            String copies = graph.add("Expand", parameter.name(), shape);
            rewrite.copies.put(parameter.name(), copies);
            result.put(parameter.name(), copies);
        }
        nodes.forEach(rewrite::rewrite);
        graph.sortNodes();
        return result;
    }

    private void rewrite(NodeProto node) {
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < node.getInputCount(); i++) {
            if (copies.containsKey(node.getInput(i))) {
                places.add(i);
            }
        }
        if (places.isEmpty()) {
            return;
        }
        if (node.getOpType().equals("LayerNormalization")) {
            normalisation(node);
            return;
        }
        if (places.size() > 1) {
            throw unknown(node);
        }
        int place = places.get(0);
        String copy = copies.getOrDefault(node.getInput(place), "");
        String result = node.getOutput(0);
        switch (node.getOpType()) {
            case "Identity" -> copies.put(result, copy);
            case "Transpose" -> copies.put(result, transposed(node, copy));
            case "MatMul" -> {
                if (place != 1) {
                    throw unknown(node);
                }
                product(node, copy);
            }
            case "Add", "Sub", "Mul", "Div" -> elementWise(node, place, copy);
            default -> throw unknown(node);
        }
    }

    /** The same order behind the first dimension. */
    private String transposed(NodeProto node, String copy) {
        int rank = shapes.rank(node.getInput(0));
        long[] order = Attributes.integers(node, "perm");
        long[] behind = new long[rank + 1];
        for (int i = 0; i < rank; i++) {
            behind[i + 1] = (order.length == 0 ? rank - 1L - i : order[i]) + 1;
        }
        return graph.add("Transpose", Arrays.asList(copy), Attributes.of("perm", behind));
    }

    /** x [B, T, C] or [B, C] by copies [B, C, D]. */
    private void product(NodeProto node, String copy) {
        String x = node.getInput(0);
        int rank = shapes.rank(x);
        boolean fits = shapes.rank(node.getInput(1)) == 2 && (rank == 2 || rank == 3);
        if (!fits || isOfNoExample(x)) {
            throw unknown(node);
        }
        String result = node.getOutput(0);
        graph.remove(node);
        if (rank == 3) {
            graph.addNamed(result, "MatMul", Arrays.asList(x, copy));
        } else {
            String rows = graph.add("Unsqueeze", x, graph.longs(1)); // [B, 1, C]
            String products = graph.add("MatMul", rows, copy); // [B, 1, D]
            graph.addNamed(result, "Squeeze", Arrays.asList(products, graph.longs(1)));
        }
    }

    /** x [B, …, D] and copies [B, D], which get 1 for every dimension between. */
    private void elementWise(NodeProto node, int place, String copy) {
        int rank = shapes.rank(node.getOutput(0));
        int own = shapes.rank(node.getInput(place));
        String other = node.getInput(1 - place);
        if (own >= rank || rank != shapes.rank(other) || isOfNoExample(other)) {
            throw unknown(node);
        }
        List<String> inputs = new ArrayList<>(node.getInputList());
        inputs.set(place, spread(copy, own, rank));
        graph.remove(node);
        graph.addNamed(node.getOutput(0), node.getOpType(), inputs);
    }

    /** The operator takes one scale and bias for all: they follow as product and sum. */
    private void normalisation(NodeProto node) {
        String x = node.getInput(0);
        String scale = node.getInput(1);
        int rank = shapes.rank(x);
        if (copies.containsKey(x) || node.getOutputCount() > 1 || isOfNoExample(x)) {
            throw unknown(node);
        }
        graph.remove(node);
        long[] dimensions = shapes.of(scale);
        float[] ones = new float[(int) LongStream.of(dimensions).reduce(1, Math::multiplyExact)];
        Arrays.fill(ones, 1);
        String neutral =
                graph.addInitializer(
                        Tensors.floats(graph.freshName("neutral_scale"), ones, dimensions));
        String normal =
                graph.add(
                        node.getOpType(),
                        Arrays.asList(x, neutral),
                        node.getAttributeList().toArray(new AttributeProto[0]));
        String result = node.getOutput(0);
        List<String> product = Arrays.asList(normal, ownOrShared(scale, rank));
        if (node.getInputCount() < 3 || node.getInput(2).isEmpty()) {
            graph.addNamed(result, "Mul", product);
            return;
        }
        String scaled = graph.add("Mul", product);
        graph.addNamed(result, "Add", Arrays.asList(scaled, ownOrShared(node.getInput(2), rank)));
    }

    private String ownOrShared(String value, int rank) {
        String copy = copies.get(value);
        return copy == null ? value : spread(copy, shapes.rank(value), rank);
    }

    /** Copies [B, …, D] with dimensions of 1 behind the first, so that they fit a value's rank. */
    private String spread(String copy, int own, int rank) {
        if (rank == own + 1) {
            return copy;
        }
        return graph.add("Unsqueeze", copy, graph.longs(LongStream.range(1, rank - own).toArray()));
    }

    /** Whether a value is the same for all examples, as what is computed from positions alone. */
    private boolean isOfNoExample(String value) {
        return shapes.of(value)[0] != Shapes.DYNAMIC;
    }

    private static SlmException unknown(NodeProto node) {
        return new SlmException(
                SlmException.Code.NO_GRADIENT,
                "The gradient of each example cannot be told apart at node "
                        + node.getName()
                        + " ("
                        + node.getOpType()
                        + "), which reads what is trained; for training with differential privacy"
                        + " take mode head or lora");
    }
}
