package io.crosslm.slm.autodiff;

import ai.onnx.proto.OnnxMl.NodeProto;
import io.crosslm.slm.SlmException;
import java.util.Map;

/** Functions of one element. x is the input, y the result, d its gradient. */
final class FunctionRules {
    private FunctionRules() {}

    static void addTo(Map<String, GradientRule> rules) {
        rules.put("Identity", (node, d, pass) -> pass.add(node.getInput(0), d));
        rules.put("Neg", (node, d, pass) -> pass.add(node.getInput(0), pass.op("Neg", d)));
        rules.put("Exp", FunctionRules::exponential);
        rules.put("Log", (node, d, pass) -> divided(node, d, node.getInput(0), pass));
        rules.put("Sqrt", FunctionRules::root);
        rules.put("Pow", FunctionRules::power);
        rules.put("Erf", FunctionRules::errorFunction);
        rules.put("Tanh", FunctionRules::tanh);
    }

    private static void exponential(NodeProto node, String d, Backward pass) {
        pass.add(node.getInput(0), pass.op("Mul", d, node.getOutput(0)));
    }

    private static void divided(NodeProto node, String d, String by, Backward pass) {
        pass.add(node.getInput(0), pass.op("Div", d, by));
    }

    /** dx = d / (2 y). */
    private static void root(NodeProto node, String d, Backward pass) {
        divided(node, pass.op("Mul", d, pass.scalar(0.5)), node.getOutput(0), pass);
    }

    /** x^n for a constant n: dx = d n x^(n-1). */
    private static void power(NodeProto node, String d, Backward pass) {
        String x = node.getInput(0);
        float exponent =
                pass.constantScalar(node.getInput(1))
                        .orElseThrow(
                                () ->
                                        new SlmException(
                                                SlmException.Code.NO_GRADIENT,
                                                "The exponent of node "
                                                        + Backward.describe(node)
                                                        + " is not a constant number"));
        String slope = exponent == 2 ? x : pass.op("Pow", x, pass.scalar(exponent - 1.0));
        pass.add(x, pass.op("Mul", d, pass.op("Mul", slope, pass.scalar(exponent))));
    }

    /** dx = d exp(-x^2) 2 / sqrt(pi). */
    private static void errorFunction(NodeProto node, String d, Backward pass) {
        String x = node.getInput(0);
        String bell = pass.op("Exp", pass.op("Neg", pass.op("Mul", x, x)));
        String slope = pass.op("Mul", bell, pass.scalar(2 / Math.sqrt(Math.PI)));
        pass.add(x, pass.op("Mul", d, slope));
    }

    /** dx = d (1 - y^2). */
    private static void tanh(NodeProto node, String d, Backward pass) {
        String y = node.getOutput(0);
        String slope = pass.op("Sub", pass.scalar(1), pass.op("Mul", y, y));
        pass.add(node.getInput(0), pass.op("Mul", d, slope));
    }
}
