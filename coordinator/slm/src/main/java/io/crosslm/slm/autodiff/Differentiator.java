package io.crosslm.slm.autodiff;

import ai.onnx.proto.OnnxMl.NodeProto;
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

/**
 * Appends the gradients of a scalar to a graph: reverse-mode differentiation with a rule for each
 * operator. The result is made of standard operators and runs wherever the graph runs.
 */
public final class Differentiator {
    /** Results that do not depend on their inputs' values in a differentiable way. */
    private static final Set<String> WITHOUT_GRADIENT =
            Collections.unmodifiableSet(
                    new HashSet<>(
                            List.of("Shape", "Size", "Constant", "ConstantOfShape", "Equal")));

    private static final Map<String, GradientRule> RULES = rules();

    private Differentiator() {}

    private static Map<String, GradientRule> rules() {
        Map<String, GradientRule> rules = new HashMap<>();
        ArithmeticRules.addTo(rules);
        FunctionRules.addTo(rules);
        ReductionRules.addTo(rules);
        ShapeRules.addTo(rules);
        MatrixRules.addTo(rules);
        SoftmaxRules.addTo(rules);
        return rules;
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
        Backward pass = new Backward(graph, shapes, dependents(forward, parameters));
        if (!pass.needs(objective)) {
            throw noPath(objective, parameters.toString());
        }
        pass.add(objective, graph.scalar(1));
        for (int i = forward.size() - 1; i >= 0; i--) {
            NodeProto node = forward.get(i);
            String result = node.getOutput(0);
            if (pass.needs(result) && pass.gradient(result).isPresent()) {
                rule(node).apply(node, pass.gradient(result).get(), pass);
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

    /** The parameters and all values that depend on them. */
    private static Set<String> dependents(List<NodeProto> nodes, Collection<String> parameters) {
        Set<String> needed = new HashSet<>(parameters);
        for (NodeProto node : nodes) {
            if (!WITHOUT_GRADIENT.contains(node.getOpType())
                    && !Collections.disjoint(node.getInputList(), needed)) {
                needed.addAll(node.getOutputList());
            }
        }
        return needed;
    }

    private static GradientRule rule(NodeProto node) {
        GradientRule rule = RULES.get(node.getOpType());
        if (rule == null) {
            throw new SlmException(
                    SlmException.Code.NO_GRADIENT,
                    "There is no gradient rule for node "
                            + Backward.describe(node)
                            + "; export the encoder without this operator, train only what comes"
                            + " after it (mode head), or add a rule beside "
                            + Differentiator.class.getSimpleName());
        }
        return rule;
    }

    private static SlmException noPath(String objective, String parameter) {
        return new SlmException(
                SlmException.Code.NO_GRADIENT, objective + " does not depend on " + parameter);
    }
}
