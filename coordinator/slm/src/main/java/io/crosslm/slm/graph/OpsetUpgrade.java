package io.crosslm.slm.graph;

import ai.onnx.proto.OnnxMl.NodeProto;
import io.crosslm.slm.SlmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Raises a graph from operator set 11 or later to {@value Graph#OPSET}: Unsqueeze, Squeeze and
 * ReduceSum take their axes as an input since 13; what else encoders use has kept its meaning.
 */
public final class OpsetUpgrade {
    private static final int OLDEST = 11;
    private static final int AXES_AS_INPUT = 13;

    /** Operators whose meaning, as exporters write them, is the same in all sets between. */
    private static final Set<String> UNCHANGED =
            new HashSet<>(
                    Arrays.asList(
                            "Abs",
                            "Add",
                            "And",
                            "Cast",
                            "Concat",
                            "Constant",
                            "ConstantOfShape",
                            "CumSum",
                            // One scale for the whole tensor until 13, where that is still one.
                            "DequantizeLinear",
                            "Div",
                            "DynamicQuantizeLinear",
                            "Equal",
                            "Erf",
                            "Exp",
                            "Expand",
                            "Gather",
                            "Gemm",
                            "Greater",
                            "Identity",
                            "LayerNormalization",
                            "Less",
                            "Log",
                            "MatMul",
                            "MatMulInteger",
                            "Max",
                            "Min",
                            "Mul",
                            "Neg",
                            "Not",
                            "Or",
                            "Pow",
                            "QuantizeLinear",
                            "Range",
                            "ReduceMean",
                            "Relu",
                            "Reshape",
                            "Shape",
                            "Sigmoid",
                            "Slice",
                            "Sqrt",
                            "Sub",
                            "Tanh",
                            "Transpose",
                            "Where"));

    private OpsetUpgrade() {}

    /**
     * Rewrites the graph in place.
     *
     * @throws SlmException if it is older than 11, newer than 17 or has an operator whose change of
     *     meaning is not known here
     */
    public static void apply(Graph graph) {
        int from = graph.opset();
        if (from < OLDEST || from > Graph.OPSET) {
            throw new SlmException(
                    SlmException.Code.BAD_ENCODER,
                    "The model has operator set "
                            + from
                            + " where "
                            + OLDEST
                            + " to "
                            + Graph.OPSET
                            + " was expected; export it with opset "
                            + Graph.OPSET);
        }
        if (from == Graph.OPSET) {
            return;
        }
        List<NodeProto> upgraded = new ArrayList<>();
        for (NodeProto node : graph.nodes()) {
            upgraded.add(upgrade(graph, node, from));
        }
        graph.replaceNodes(upgraded, Graph.OPSET);
    }

    private static NodeProto upgrade(Graph graph, NodeProto node, int from) {
        switch (node.getOpType()) {
            case "Unsqueeze":
            case "Squeeze":
            case "ReduceSum":
                return from >= AXES_AS_INPUT ? node : withAxesAsInput(graph, node);
            case "Softmax":
            case "LogSoftmax":
                // Before 13 everything from the axis on was one group and the default was axis 1.
                // An exporter that names the axis means the last one: there both are the same.
                if (from < AXES_AS_INPUT && !Attributes.find(node, "axis").isPresent()) {
                    throw unsupported(node, from, "it does not name its axis");
                }
                return node;
            default:
                if (!UNCHANGED.contains(node.getOpType())) {
                    throw unsupported(node, from, "its changes since then are not known here");
                }
                return node;
        }
    }

    private static NodeProto withAxesAsInput(Graph graph, NodeProto node) {
        long[] axes = Attributes.integers(node, "axes");
        NodeProto.Builder upgraded = node.toBuilder().clearAttribute();
        node.getAttributeList().stream()
                .filter(attribute -> !attribute.getName().equals("axes"))
                .forEach(upgraded::addAttribute);
        if (axes.length > 0) {
            upgraded.addInput(graph.longs(axes));
        }
        return upgraded.build();
    }

    private static SlmException unsupported(NodeProto node, int from, String why) {
        return new SlmException(
                SlmException.Code.BAD_ENCODER,
                "Node "
                        + node.getName()
                        + " ("
                        + node.getOpType()
                        + ") cannot be raised from operator set "
                        + from
                        + ": "
                        + why
                        + "; export the model with opset "
                        + Graph.OPSET);
    }
}
