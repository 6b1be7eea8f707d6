package io.crosslm.slm.graph;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Puts layer normalisations together that an exporter wrote out in nine nodes, as exporters did
 * before operator set 17:
 *
 * <pre>
 * centred = x - mean(x)
 * y = centred / sqrt(mean(centred^2) + epsilon) scale + bias
 * </pre>
 *
 * <p>Means are over the last axis. The one operator computes the same; its gradient takes a third
 * of the passes over memory that those of its parts take, and fewer values are kept for it.
 */
public final class LayerNormalizations {
    private final Graph graph;
    private final Map<String, NodeProto> producers = new HashMap<>();
    private final Map<String, List<NodeProto>> readers = new HashMap<>();

    private LayerNormalizations(Graph graph) {
        this.graph = graph;
        for (NodeProto node : graph.nodes()) {
            node.getOutputList().forEach(value -> producers.put(value, node));
            Set.copyOf(node.getInputList())
                    .forEach(
                            value ->
                                    readers.computeIfAbsent(value, v -> new ArrayList<>())
                                            .add(node));
        }
    }

    /** Rewrites the graph in place. A form that is not known stays as it is. */
    public static void putTogether(Graph graph) {
        LayerNormalizations all = new LayerNormalizations(graph);
        List<NodeProto> nodes = List.copyOf(graph.nodes());
        nodes.forEach(node -> all.endingWith(node).ifPresent(parts -> all.replace(node, parts)));
        graph.sortNodes();
    }

    private void replace(NodeProto sum, Parts parts) {
        graph.remove(sum);
        graph.addNamed(
                sum.getOutput(0),
                "LayerNormalization",
                Arrays.asList(parts.x(), parts.scale(), parts.bias()),
                Attributes.of("axis", -1),
                Attributes.of("epsilon", parts.epsilon()));
    }

    /** What a normalisation is made of whose last node is that one. */
    private Optional<Parts> endingWith(NodeProto sum) {
        if (!sum.getOpType().equals("Add")) {
            return Optional.empty();
        }
        for (int i = 0; i < 2; i++) {
            Optional<NodeProto> product = inner(sum.getInput(i), "Mul", 1);
            if (product.isPresent() && isVector(sum.getInput(1 - i))) {
                return scaled(product.get(), sum.getInput(1 - i));
            }
        }
        return Optional.empty();
    }

    private Optional<Parts> scaled(NodeProto product, String bias) {
        for (int i = 0; i < 2; i++) {
            Optional<NodeProto> quotient = inner(product.getInput(i), "Div", 1);
            String scale = product.getInput(1 - i);
            if (quotient.isPresent() && isVector(scale)) {
                return normalised(quotient.get(), scale, bias);
            }
        }
        return Optional.empty();
    }

    /** centred / sqrt(variance + epsilon). */
    private Optional<Parts> normalised(NodeProto quotient, String scale, String bias) {
        String centred = quotient.getInput(0);
        // The square, which Mul may make of one value twice, and the quotient.
        Optional<NodeProto> difference = inner(centred, "Sub", 2);
        Optional<NodeProto> shifted =
                inner(quotient.getInput(1), "Sqrt", 1).flatMap(r -> inner(r.getInput(0), "Add", 1));
        if (difference.isEmpty() || shifted.isEmpty()) {
            return Optional.empty();
        }
        for (int i = 0; i < 2; i++) {
            Optional<Float> epsilon = scalar(shifted.get().getInput(1 - i));
            Optional<NodeProto> variance = mean(shifted.get().getInput(i));
            boolean fits =
                    length(scale) == length(bias)
                            && epsilon.isPresent()
                            && variance.isPresent()
                            && isSquare(variance.get().getInput(0), centred)
                            && isCentred(difference.get());
            if (fits) {
                String x = difference.get().getInput(0);
                return Optional.of(new Parts(x, scale, bias, epsilon.get()));
            }
        }
        return Optional.empty();
    }

    private boolean isSquare(String value, String of) {
        Optional<NodeProto> power = inner(value, "Pow", 1);
        if (power.isPresent()) {
            return power.get().getInput(0).equals(of)
                    && scalar(power.get().getInput(1)).filter(two -> two == 2).isPresent();
        }
        return inner(value, "Mul", 1)
                .filter(square -> square.getInputList().equals(Arrays.asList(of, of)))
                .isPresent();
    }

    private boolean isCentred(NodeProto difference) {
        return mean(difference.getInput(1))
                .filter(mean -> mean.getInput(0).equals(difference.getInput(0)))
                .isPresent();
    }

    /** The mean over the last axis, which stays, of that name. */
    private Optional<NodeProto> mean(String value) {
        return inner(value, "ReduceMean", 1)
                .filter(mean -> mean.getInputCount() == 1)
                .filter(mean -> Arrays.equals(Attributes.integers(mean, "axes"), new long[] {-1}))
                .filter(mean -> Attributes.integer(mean, "keepdims", 1) == 1);
    }

    /** The node that makes a value which so many nodes read and the graph does not give out. */
    private Optional<NodeProto> inner(String value, String operator, int readerCount) {
        return Optional.ofNullable(producers.get(value))
                .filter(node -> node.getOpType().equals(operator))
                .filter(node -> readers.getOrDefault(value, List.of()).size() == readerCount)
                .filter(node -> !graph.outputs().contains(value));
    }

    private Optional<Float> scalar(String value) {
        return constant(value)
                .filter(tensor -> tensor.getDataType() == TensorProto.DataType.FLOAT.getNumber())
                .map(Tensors::toFloats)
                .filter(numbers -> numbers.length == 1)
                .map(numbers -> numbers[0]);
    }

    private Optional<TensorProto> constant(String value) {
        TensorProto tensor = graph.initializers().get(value);
        return tensor != null
                ? Optional.of(tensor)
                : Optional.ofNullable(producers.get(value))
                        .filter(node -> node.getOpType().equals("Constant"))
                        .flatMap(node -> Attributes.find(node, "value"))
                        .map(attribute -> attribute.getT());
    }

    /** One number alone would be for all places, which the operator does not do. */
    private boolean isVector(String value) {
        return length(value) > 1;
    }

    /** Length of a constant vector; 0 of anything else. */
    private long length(String value) {
        return constant(value)
                .filter(tensor -> tensor.getDimsCount() == 1)
                .map(tensor -> tensor.getDims(0))
                .orElse(0L);
    }

    /**
     * What the operator takes.
     *
     * @param scale a constant vector
     * @param bias a constant vector
     */
    private record Parts(String x, String scale, String bias, float epsilon) {}
}
