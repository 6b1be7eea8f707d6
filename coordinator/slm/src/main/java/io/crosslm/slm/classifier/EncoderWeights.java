package io.crosslm.slm.classifier;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.crosslm.slm.graph.Graph;
import io.crosslm.slm.graph.Tensors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The weights of an encoder by what they do in it, which the operators that read them tell;
 * exporters give many weights no name. Not thread-safe.
 */
public final class EncoderWeights {
    /** Operators that hand a weight on and change none of its numbers. */
    private static final Set<String> HANDS_ON =
            Set.of("Cast", "Identity", "Reshape", "Squeeze", "Transpose", "Unsqueeze");

    /** Operators whose result hangs on nothing but the shape of what they read. */
    private static final Set<String> LENGTHS = Set.of("Shape", "Size", "ConstantOfShape");

    private final Map<String, Role> roles = new LinkedHashMap<>();

    private final Graph graph;

    /** Values that hang on a text or on weights, not on its length alone. */
    private final Set<String> carriers = new HashSet<>();

    private EncoderWeights(Graph graph) {
        this.graph = graph;
    }

    /** The weights of a graph: initial values of float32 with more than one number. */
    public static EncoderWeights of(Graph graph) {
        Map<String, List<NodeProto>> readers = new HashMap<>();
        for (NodeProto node : graph.nodes()) {
            new HashSet<>(node.getInputList())
                    .forEach(in -> readers.computeIfAbsent(in, k -> new ArrayList<>()).add(node));
        }
        EncoderWeights weights = new EncoderWeights(graph);
        weights.findCarriers();
        for (TensorProto tensor : graph.initializers().values()) {
            if (isWeight(tensor)) {
                Set<Role> found = EnumSet.noneOf(Role.class);
                boolean vector = tensor.getDimsList().stream().filter(d -> d > 1).count() == 1;
                weights.collect(tensor.getName(), vector, readers, found);
                // A weight with two roles counts by the first of them.
                found.stream().findFirst().ifPresent(r -> weights.roles.put(tensor.getName(), r));
            }
        }
        return weights;
    }

    private void findCarriers() {
        carriers.addAll(graph.inputs().keySet());
        graph.initializers().values().stream()
                .filter(EncoderWeights::isWeight)
                .forEach(tensor -> carriers.add(tensor.getName()));
        for (NodeProto node : graph.nodes()) {
            boolean carries = node.getInputList().stream().anyMatch(carriers::contains);
            if (carries && !LENGTHS.contains(node.getOpType())) {
                carriers.addAll(node.getOutputList());
            }
        }
    }

    private static boolean isWeight(TensorProto tensor) {
        long count = tensor.getDimsList().stream().reduce(1L, Math::multiplyExact);
        return tensor.getDataType() == TensorProto.DataType.FLOAT.getNumber() && count > 1;
    }

    /**
     * Whether a node brings a weight together with anything of a text. Frequencies that are
     * multiplied with positions, as in rotary embeddings, are no weights.
     */
    private boolean meetsText(NodeProto node, String weight) {
        return node.getOpType().equals("Gather")
                || node.getInputList().stream()
                        .anyMatch(in -> !in.equals(weight) && carriers.contains(in));
    }

    private void collect(
            String value, boolean vector, Map<String, List<NodeProto>> readers, Set<Role> found) {
        for (NodeProto node : readers.getOrDefault(value, Collections.emptyList())) {
            if (HANDS_ON.contains(node.getOpType())) {
                collect(node.getOutput(0), vector, readers, found);
            } else if (meetsText(node, value)) {
                role(node, node.getInputList().indexOf(value), vector).forEach(found::add);
            }
        }
    }

    private static List<Role> role(NodeProto node, int place, boolean vector) {
        switch (node.getOpType()) {
            case "MatMul", "Einsum":
                return List.of(Role.MATRIX);
            case "Gemm", "Conv":
                return List.of(place == 2 ? Role.BIAS : Role.MATRIX);
            case "LayerNormalization", "BatchNormalization":
                return place == 1
                        ? List.of(Role.SCALE)
                        : place == 2 ? List.of(Role.BIAS) : List.of();
            case "Add":
                // What is added to every token alike is a bias, else it is a table of positions.
                return List.of(vector ? Role.BIAS : Role.TABLE);
            case "Mul", "PRelu":
                return vector ? List.of(Role.SCALE) : List.of();
            case "Gather":
                return place == 0 ? List.of(Role.TABLE) : List.of();
            default:
                return List.of();
        }
    }

    /** Names of the weights with one of these roles, in the file's order. */
    public List<String> named(Set<Role> wanted) {
        return roles.entrySet().stream()
                .filter(entry -> wanted.contains(entry.getValue()))
                .map(Map.Entry::getKey)
                .toList();
    }

    /**
     * Turns the weights with one of these roles into inputs of the graph and returns them with
     * their values.
     */
    public List<Parameter> turnIntoInputs(Set<Role> wanted) {
        List<Parameter> parameters = new ArrayList<>();
        for (String name : named(wanted)) {
            TensorProto tensor = graph.initializers().get(name);
            if (tensor == null) {
                throw new IllegalArgumentException("There is no weight " + name);
            }
            long[] dimensions = tensor.getDimsList().stream().mapToLong(Long::longValue).toArray();
            parameters.add(new Parameter(name, dimensions, Tensors.toFloats(tensor)));
            graph.turnIntoInput(name);
        }
        return parameters;
    }

    /** What a weight is for. */
    public enum Role {
        /** A factor of a matrix product or a convolution. */
        MATRIX,
        /** Multiplied with every token's features, as in layer normalisation. */
        SCALE,
        /** Added to every token's features. */
        BIAS,
        /** Embeddings that ids or positions look up. */
        TABLE
    }
}
