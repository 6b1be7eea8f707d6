package io.crosslm.slm.autodiff;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.crosslm.slm.SlmException;
import io.crosslm.slm.graph.Graph;
import io.crosslm.slm.graph.Shapes;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Appends the gradients of a scalar to a graph: reverse-mode differentiation with a rule for each
 * operator. The result is made of standard operators and runs wherever the graph runs.
 *
 * <p>A new operator is a method in one of the {@code …Rules} classes and a line in its {@code
 * addTo}; docs/explanation-on-device-training.md goes through one.
 */
public final class Differentiator {
    /** Operators whose results are no numbers, or have the derivative 0 wherever they have one. */
    private static final Set<String> WITHOUT_GRADIENT =
            Set.of(
                    "And",
                    "ArgMax",
                    "ArgMin",
                    "Ceil",
                    "Constant",
                    "ConstantOfShape",
                    "Equal",
                    "Floor",
                    "Greater",
                    "GreaterOrEqual",
                    "IsInf",
                    "IsNaN",
                    "Less",
                    "LessOrEqual",
                    "NonZero",
                    "Not",
                    "OneHot",
                    "Or",
                    "Range",
                    "Round",
                    "Shape",
                    "Sign",
                    "Size",
                    "Xor");

    private static final Set<String> QUANTISED =
            Set.of(
                    "ConvInteger",
                    "DequantizeLinear",
                    "DynamicQuantizeLinear",
                    "MatMulInteger",
                    "QLinearConv",
                    "QLinearMatMul",
                    "QuantizeLinear");

    private static final Set<TensorProto.DataType> FLOATING =
            Set.of(
                    TensorProto.DataType.FLOAT,
                    TensorProto.DataType.DOUBLE,
                    TensorProto.DataType.FLOAT16,
                    TensorProto.DataType.BFLOAT16);

    private static final String MANY_RESULTS = "Split";
    private static final Map<String, GradientRule> RULES = rules();

    private Differentiator() {}

    private static Map<String, GradientRule> rules() {
        Map<String, GradientRule> rules = new HashMap<>();
        ArithmeticRules.addTo(rules);
        SelectionRules.addTo(rules);
        FunctionRules.addTo(rules);
        ReductionRules.addTo(rules);
        ShapeRules.addTo(rules);
        GatherRules.addTo(rules);
        MatrixRules.addTo(rules);
        SoftmaxRules.addTo(rules);
        NormalisationRules.addTo(rules);
        ConvolutionRules.addTo(rules);
        PoolingRules.addTo(rules);
        return rules;
    }

    /** Operators that can stand between a parameter and the objective, in alphabetical order. */
    public static Set<String> operators() {
        return new TreeSet<>(RULES.keySet());
    }

    /** Whether an operator computes with whole numbers in place of floating-point ones. */
    public static boolean isQuantised(String operator) {
        return QUANTISED.contains(operator);
    }

    /**
     * Appends gradients.
     *
     * @param shapes of all values of the graph
     * @param objective a scalar of the graph
     * @param parameters inputs or initial values to differentiate by
     * @return name of each parameter's gradient, in the order of the parameters
     * @throws SlmException if an operator between a parameter and the objective has no rule, or the
     *     objective does not depend on a parameter
     */
    public static Map<String, String> gradients(
            Graph graph, Shapes shapes, String objective, Collection<String> parameters) {
        List<NodeProto> forward = graph.nodes();
        Backward pass = new Backward(graph, shapes, dependents(forward, shapes, parameters));
        if (!pass.needs(objective)) {
            throw noPath(objective, parameters.toString());
        }
        pass.add(objective, pass.scalar(1, objective));
        for (int i = forward.size() - 1; i >= 0; i--) {
            NodeProto node = forward.get(i);
            if (node.getOutputList().stream().anyMatch(v -> pass.gradient(v).isPresent())) {
                GradientRule rule = GeluGradient.at(node, pass).orElseGet(() -> rule(node));
                expectOneResult(node, pass);
                rule.apply(node, pass.gradientOrZeros(node.getOutput(0)), pass);
            }
        }
        Map<String, String> gradients = new LinkedHashMap<>();
        for (String parameter : parameters) {
            gradients.put(
                    parameter,
                    pass.gradient(parameter).orElseThrow(() -> noPath(objective, parameter)));
        }
        return gradients;
    }

    /** The parameters and all floating-point values that depend on them. */
    private static Set<String> dependents(
            List<NodeProto> nodes, Shapes shapes, Collection<String> parameters) {
        Set<String> needed = new HashSet<>(parameters);
        for (NodeProto node : nodes) {
            if (!WITHOUT_GRADIENT.contains(node.getOpType())
                    && !Collections.disjoint(node.getInputList(), needed)) {
                // Whole numbers end the search, but not within a quantised layer: that a parameter
                // is lost there has to be said.
                boolean quantised = QUANTISED.contains(node.getOpType());
                node.getOutputList().stream()
                        .filter(v -> quantised || FLOATING.contains(shapes.type(v)))
                        .forEach(needed::add);
            }
        }
        return needed;
    }

    private static void expectOneResult(NodeProto node, Backward pass) {
        if (node.getOpType().equals(MANY_RESULTS)) {
            return;
        }
        for (int i = 1; i < node.getOutputCount(); i++) {
            if (pass.gradient(node.getOutput(i)).isPresent()) {
                throw Backward.refusal(
                        node,
                        "its result "
                                + node.getOutput(i)
                                + " is used and only the first one has a gradient; compute it with"
                                + " a node of its own");
            }
        }
    }

    private static GradientRule rule(NodeProto node) {
        GradientRule rule = RULES.get(node.getOpType());
        if (rule == null) {
            throw new SlmException(
                    SlmException.Code.NO_GRADIENT,
                    "There is no gradient rule for node "
                            + Backward.describe(node)
                            + (QUANTISED.contains(node.getOpType())
                                    ? ", which computes with whole numbers; take the float32"
                                            + " encoder, or train only what comes after it (mode"
                                            + " head)"
                                    : "; export the encoder without this operator, train only what"
                                            + " comes after it (mode head), or add a rule beside "
                                            + Differentiator.class.getSimpleName()));
        }
        return rule;
    }

    private static SlmException noPath(String objective, String parameter) {
        return new SlmException(
                SlmException.Code.NO_GRADIENT, objective + " does not depend on " + parameter);
    }
}
