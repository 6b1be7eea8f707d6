package io.crosslm.slm.autodiff;

import ai.onnx.proto.OnnxMl.NodeProto;
import io.crosslm.slm.graph.Attributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Sums, means and extremes over axes: every element that was reduced receives its part of the
 * result's gradient d. x is the input, y the result.
 */
final class ReductionRules {
    private ReductionRules() {}

    static void addTo(Map<String, GradientRule> rules) {
        rules.put("ReduceSum", ReductionRules::sum);
        rules.put("ReduceMean", ReductionRules::mean);
        rules.put("ReduceSumSquare", ReductionRules::sumOfSquares);
        rules.put("ReduceL2", ReductionRules::length);
        rules.put("ReduceLogSumExp", ReductionRules::logSumExp);
        rules.put("ReduceMax", ReductionRules::extreme);
        rules.put("ReduceMin", ReductionRules::extreme);
        rules.put("CumSum", ReductionRules::cumulativeSum);
    }

    /** The axes as an input or an attribute says; empty for all. */
    private static Optional<String> axes(NodeProto node, Backward pass) {
        long[] named = Attributes.integers(node, "axes");
        return named.length > 0 ? Optional.of(pass.longs(named)) : Backward.input(node, 1);
    }

    /** A value of the result's shape with the reduced dimensions put back as 1. */
    private static String unreduced(NodeProto node, String value, Backward pass) {
        Optional<String> axes = axes(node, pass);
        boolean dropped = Attributes.integer(node, "keepdims", 1) == 0;
        // A result without dimensions is broadcast as it is.
        return dropped && axes.isPresent() && pass.rank(node.getOutput(0)) > 0
                ? pass.op("Unsqueeze", value, axes.get())
                : value;
    }

    private static String spread(NodeProto node, String d, Backward pass) {
        return pass.op("Expand", unreduced(node, d, pass), pass.op("Shape", node.getInput(0)));
    }

    private static void sum(NodeProto node, String d, Backward pass) {
        pass.add(node.getInput(0), spread(node, d, pass));
    }

    /** The number of elements in a mean is that of the input over that of the result. */
    private static void mean(NodeProto node, String d, Backward pass) {
        String x = node.getInput(0);
        String count = pass.op("Div", pass.op("Size", x), pass.op("Size", node.getOutput(0)));
        pass.add(x, spread(node, pass.op("Div", d, pass.cast(count, x)), pass));
    }

    /** dx = 2 x d. */
    private static void sumOfSquares(NodeProto node, String d, Backward pass) {
        String x = node.getInput(0);
        String twice = pass.op("Mul", x, pass.scalar(2, x));
        pass.add(x, pass.op("Mul", twice, unreduced(node, d, pass)));
    }

    /** y = sqrt(sum x^2): dx = x d / y. */
    private static void length(NodeProto node, String d, Backward pass) {
        String x = node.getInput(0);
        String share = pass.op("Div", d, node.getOutput(0));
        pass.add(x, pass.op("Mul", x, unreduced(node, share, pass)));
    }

    /** y = ln sum e^x: dx = d e^(x - y). */
    private static void logSumExp(NodeProto node, String d, Backward pass) {
        String x = node.getInput(0);
        String below = pass.op("Sub", x, unreduced(node, node.getOutput(0), pass));
        pass.add(x, pass.op("Mul", pass.op("Exp", below), unreduced(node, d, pass)));
    }

    /** The extreme elements share the gradient, as in PyTorch's amax. */
    private static void extreme(NodeProto node, String d, Backward pass) {
        String x = node.getInput(0);
        String extreme = pass.op("Equal", x, unreduced(node, node.getOutput(0), pass));
        String chosen = pass.indicator(extreme, x);
        List<String> all = new ArrayList<>(Arrays.asList(chosen));
        axes(node, pass).ifPresent(all::add);
        String count = pass.op("ReduceSum", all, Attributes.of("keepdims", 1));
        String share = pass.op("Div", unreduced(node, d, pass), count);
        pass.add(x, pass.op("Mul", chosen, share));
    }

    /** The sum from the other end. */
    private static void cumulativeSum(NodeProto node, String d, Backward pass) {
        pass.add(
                node.getInput(0),
                pass.op(
                        "CumSum",
                        Arrays.asList(d, node.getInput(1)),
                        Attributes.of("exclusive", Attributes.integer(node, "exclusive", 0)),
                        Attributes.of("reverse", 1 - Attributes.integer(node, "reverse", 0))));
    }
}
