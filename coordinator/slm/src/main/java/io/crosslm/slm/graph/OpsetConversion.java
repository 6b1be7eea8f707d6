package io.crosslm.slm.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.crosslm.slm.SlmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Brings a graph of operator set 11 to 22 to {@value Graph#OPSET}. What changed for operators of
 * encoders: axes and sizes became inputs (13, and 18 for most reductions), softmax works on one
 * axis instead of all from one on (13), and Gelu came (20), which is written out here (ONNX
 * operator changelog).
 */
public final class OpsetConversion {
    private static final int OLDEST = 11;
    private static final int NEWEST = 22;
    private static final int DROPOUT_AS_INPUT = 12;
    private static final int AXES_AS_INPUT = 13;
    private static final int REDUCTION_AXES_AS_INPUT = 18;

    private static final Set<String> REDUCTIONS =
            Set.of(
                    "ReduceL1",
                    "ReduceL2",
                    "ReduceLogSum",
                    "ReduceLogSumExp",
                    "ReduceMax",
                    "ReduceMean",
                    "ReduceMin",
                    "ReduceProd",
                    "ReduceSumSquare");

    /** Operators whose meaning, as exporters write them, is the same in all sets between. */
    private static final Set<String> UNCHANGED =
            Set.of(
                    "Abs",
                    "Add",
                    "And",
                    "BatchNormalization",
                    "Cast",
                    "Ceil",
                    "Clip",
                    "Concat",
                    "Constant",
                    "ConstantOfShape",
                    "Conv",
                    "Cos",
                    "CumSum",
                    // One scale for the whole tensor until 13, where that is still one.
                    "DequantizeLinear",
                    "Div",
                    "DynamicQuantizeLinear",
                    "Einsum",
                    "Elu",
                    "Equal",
                    "Erf",
                    "Exp",
                    "Expand",
                    "Flatten",
                    "Floor",
                    "Gather",
                    "GatherElements",
                    "GatherND",
                    "Gemm",
                    "GlobalAveragePool",
                    "GlobalMaxPool",
                    "Greater",
                    "GreaterOrEqual",
                    "Identity",
                    "IsInf",
                    "IsNaN",
                    "LayerNormalization",
                    "LeakyRelu",
                    "Less",
                    "LessOrEqual",
                    "Log",
                    "MatMul",
                    "MatMulInteger",
                    "Max",
                    "MaxPool",
                    "Mean",
                    "Min",
                    "Mul",
                    "Neg",
                    "NonZero",
                    "Not",
                    "OneHot",
                    "Or",
                    "PRelu",
                    "Pow",
                    "QuantizeLinear",
                    "Range",
                    "Reciprocal",
                    "Relu",
                    "Reshape",
                    "Round",
                    "ScatterElements",
                    "ScatterND",
                    "Shape",
                    "Sigmoid",
                    "Sign",
                    "Sin",
                    "Size",
                    "Slice",
                    "Softplus",
                    "Sqrt",
                    "Sub",
                    "Sum",
                    "Tanh",
                    "Tile",
                    "Transpose",
                    "Trilu",
                    "Where",
                    "Xor");

    /** Attributes that came after {@value Graph#OPSET} and change nothing for such models. */
    private static final Set<String> HARMLESS = Set.of("saturate", "num_outputs");

    /** Attributes that came after {@value Graph#OPSET} and have no equal there. */
    private static final Set<String> LATER = Set.of("block_size", "output_dtype");

    private final Graph graph;
    private final Graph original;
    private final Function<Graph, Shapes> probe;
    private final int from;

    private OpsetConversion(Graph graph, Function<Graph, Shapes> probe) {
        this.graph = graph;
        this.probe = probe;
        original = graph.copy();
        from = graph.opset();
    }

    /**
     * Rewrites the graph in place.
     *
     * @param probe finds the shapes of a graph; asked only where they matter
     * @throws SlmException if its set is not between those, or it has an operator or a form of one
     *     that cannot be expressed
     */
    public static void apply(Graph graph, Function<Graph, Shapes> probe) {
        int from = graph.opset();
        if (from < OLDEST || from > NEWEST) {
            throw new SlmException(
                    SlmException.Code.BAD_ENCODER,
                    "The model has operator set "
                            + from
                            + " where "
                            + OLDEST
                            + " to "
                            + NEWEST
                            + " was expected; export it with opset "
                            + Graph.OPSET);
        }
        if (from != Graph.OPSET) {
            new OpsetConversion(graph, probe).convert();
        }
    }

    private void convert() {
        graph.replaceNodes(new ArrayList<>(), Graph.OPSET);
        for (NodeProto node : original.nodes()) {
            convert(node);
        }
    }

    private void convert(NodeProto node) {
        String operator = node.getOpType();
        if (REDUCTIONS.contains(operator)) {
            graph.append(from >= REDUCTION_AXES_AS_INPUT ? withAxesAsAttribute(node) : node);
            return;
        }
        switch (operator) {
            case "Unsqueeze", "Squeeze", "ReduceSum" ->
                    graph.append(from < AXES_AS_INPUT ? withInput(node, "axes") : node);
            case "Split" ->
                    graph.append(from < AXES_AS_INPUT ? withInput(node, "split") : cleaned(node));
            case "Softmax", "LogSoftmax" -> softmax(node);
            case "Dropout" -> dropout(node);
            case "Gelu" -> gelu(node);
            case "Pad" -> {
                if (node.getInputCount() > 3) {
                    throw unsupported(node, "it names the axes that it pads");
                }
                graph.append(node);
            }
            case "AveragePool" -> {
                if (Attributes.find(node, "dilations").isPresent()) {
                    throw unsupported(node, "its window has dilations");
                }
                graph.append(node);
            }
            default -> {
                if (!UNCHANGED.contains(operator)) {
                    throw unsupported(node, "its changes between the sets are not known here");
                }
                graph.append(cleaned(node));
            }
        }
    }

    /** Without the attributes that came later. */
    private NodeProto cleaned(NodeProto node) {
        NodeProto.Builder cleaned = node.toBuilder().clearAttribute();
        for (AttributeProto attribute : node.getAttributeList()) {
            if (LATER.contains(attribute.getName())) {
                throw unsupported(node, "its attribute " + attribute.getName() + " came later");
            }
            if (!HARMLESS.contains(attribute.getName())) {
                cleaned.addAttribute(attribute);
            }
        }
        return cleaned.build();
    }

    private NodeProto withInput(NodeProto node, String attribute) {
        long[] values = Attributes.integers(node, attribute);
        NodeProto.Builder converted = without(node, attribute);
        if (values.length > 0) {
            converted.addInput(graph.longs(values));
        }
        return converted.build();
    }

    private NodeProto withAxesAsAttribute(NodeProto node) {
        boolean none = Attributes.integer(node, "noop_with_empty_axes", 0) != 0;
        NodeProto.Builder converted = without(node, "noop_with_empty_axes");
        converted.clearInput().addInput(node.getInput(0));
        long[] axes = {};
        if (node.getInputCount() > 1 && !node.getInput(1).isEmpty()) {
            axes =
                    constant(node.getInput(1))
                            .map(Tensors::toLongs)
                            .orElseThrow(() -> unsupported(node, "its axes are not constant"));
        }
        if (axes.length > 0) {
            return converted.addAttribute(Attributes.of("axes", axes)).build();
        }
        // Without axes, which may be an empty list of them, all are meant or none.
        return none ? converted.clearAttribute().setOpType("Identity").build() : converted.build();
    }

    private Optional<TensorProto> constant(String value) {
        TensorProto tensor = original.initializers().get(value);
        return tensor != null
                ? Optional.of(tensor)
                : original.producer(value)
                        .flatMap(node -> Attributes.find(node, "value"))
                        .map(AttributeProto::getT);
    }

    /** Before 13 everything from the axis on was one group, and the default was axis 1. */
    private void softmax(NodeProto node) {
        long axis = Attributes.integer(node, "axis", from < AXES_AS_INPUT ? 1 : -1);
        if (from >= AXES_AS_INPUT || axis == -1 || axis == rank(node.getInput(0)) - 1) {
            graph.append(without(node, "axis").addAttribute(Attributes.of("axis", axis)).build());
            return;
        }
        String x = node.getInput(0);
        String rows = graph.add("Flatten", List.of(x), Attributes.of("axis", axis));
        String result = graph.add(node.getOpType(), List.of(rows), Attributes.of("axis", 1));
        graph.addNamed(node.getOutput(0), "Reshape", List.of(result, graph.add("Shape", x)));
    }

    private int rank(String value) {
        return probe.apply(original).rank(value);
    }

    /** Until 12 there was no input that switches it on: it was for inference only. */
    private void dropout(NodeProto node) {
        if (from >= DROPOUT_AS_INPUT) {
            graph.append(node);
            return;
        }
        if (node.getOutputCount() > 1) {
            throw unsupported(node, "its mask is a result");
        }
        graph.append(node.toBuilder().clearAttribute().setOpType("Identity").build());
    }

    /**
     * x Phi(x) = x / 2 (1 + erf(x / sqrt 2)), or with tanh in place of erf (Hendrycks and Gimpel
     * 2016, section 2).
     */
    private void gelu(NodeProto node) {
        String x = node.getInput(0);
        TensorProto.DataType type = probe.apply(original).type(x);
        String inner;
        if (Attributes.text(node, "approximate", "none").equals("tanh")) {
            String cube = graph.add("Mul", x, graph.add("Mul", x, x));
            String scaled = graph.add("Mul", cube, graph.scalar(0.044715, type));
            String sum = graph.add("Add", x, scaled);
            inner =
                    graph.add(
                            "Tanh",
                            graph.add("Mul", sum, graph.scalar(Math.sqrt(2 / Math.PI), type)));
        } else {
            inner = graph.add("Erf", graph.add("Div", x, graph.scalar(Math.sqrt(2), type)));
        }
        String half = graph.add("Mul", x, graph.scalar(0.5, type));
        String share = graph.add("Add", inner, graph.scalar(1, type));
        graph.addNamed(node.getOutput(0), "Mul", Arrays.asList(half, share));
    }

    private static NodeProto.Builder without(NodeProto node, String attribute) {
        NodeProto.Builder copy = node.toBuilder().clearAttribute();
        node.getAttributeList().stream()
                .filter(one -> !one.getName().equals(attribute))
                .forEach(copy::addAttribute);
        return copy;
    }

    private SlmException unsupported(NodeProto node, String why) {
        return new SlmException(
                SlmException.Code.BAD_ENCODER,
                "Node "
                        + node.getName()
                        + " ("
                        + node.getOpType()
                        + ") cannot be brought from operator set "
                        + from
                        + " to "
                        + Graph.OPSET
                        + ": "
                        + why
                        + "; export the model with opset "
                        + Graph.OPSET);
    }
}
