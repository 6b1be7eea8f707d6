package io.crosslm.slm.autodiff;

import ai.onnx.proto.OnnxMl.NodeProto;
import io.crosslm.slm.graph.Attributes;
import java.util.Map;

/**
 * Softmax and its logarithm over one axis (Bridle 1990). y is the result, d its gradient; sums run
 * over the axis.
 */
final class SoftmaxRules {
    private SoftmaxRules() {}

    static void addTo(Map<String, GradientRule> rules) {
        rules.put("Softmax", SoftmaxRules::softmax);
        rules.put("LogSoftmax", SoftmaxRules::logSoftmax);
    }

    /** dx = y (d - sum(d y)). */
    private static void softmax(NodeProto node, String d, Backward pass) {
        String y = node.getOutput(0);
        String inner = pass.sum(pass.op("Mul", d, y), true, axis(node));
        pass.add(node.getInput(0), pass.op("Mul", y, pass.op("Sub", d, inner)));
    }

    /** dx = d - exp(y) sum(d). */
    private static void logSoftmax(NodeProto node, String d, Backward pass) {
        String probabilities = pass.op("Exp", node.getOutput(0));
        String total = pass.sum(d, true, axis(node));
        pass.add(node.getInput(0), pass.op("Sub", d, pass.op("Mul", probabilities, total)));
    }

    private static long axis(NodeProto node) {
        return Attributes.integer(node, "axis", -1);
    }
}
