package io.crosslm.slm.autodiff;

import ai.onnx.proto.OnnxMl.NodeProto;
import io.crosslm.slm.SlmException;
import io.crosslm.slm.graph.Attributes;
import java.util.Arrays;
import java.util.Map;

/** Softmax and its logarithm over the last dimension. y is the result, d its gradient. */
final class SoftmaxRules {
    private SoftmaxRules() {}

    static void addTo(Map<String, GradientRule> rules) {
        rules.put("Softmax", SoftmaxRules::softmax);
        rules.put("LogSoftmax", SoftmaxRules::logSoftmax);
    }

    /** dx = y (d - sum(d y)). */
    private static void softmax(NodeProto node, String d, Backward pass) {
        expectLastAxis(node, pass);
        String y = node.getOutput(0);
        String inner = rowSum(pass.op("Mul", d, y), pass);
        pass.add(node.getInput(0), pass.op("Mul", y, pass.op("Sub", d, inner)));
    }

    /** dx = d - exp(y) sum(d). */
    private static void logSoftmax(NodeProto node, String d, Backward pass) {
        expectLastAxis(node, pass);
        String probabilities = pass.op("Exp", node.getOutput(0));
        pass.add(
                node.getInput(0),
                pass.op("Sub", d, pass.op("Mul", probabilities, rowSum(d, pass))));
    }

    private static String rowSum(String value, Backward pass) {
        return pass.op(
                "ReduceSum", Arrays.asList(value, pass.longs(-1)), Attributes.of("keepdims", 1));
    }

    private static void expectLastAxis(NodeProto node, Backward pass) {
        int rank = pass.shape(node.getOutput(0)).length;
        long axis = Attributes.integer(node, "axis", -1);
        if (axis != -1 && axis != rank - 1) {
            throw new SlmException(
                    SlmException.Code.NO_GRADIENT,
                    "Node "
                            + Backward.describe(node)
                            + " works on dimension "
                            + axis
                            + " where the last was expected");
        }
    }
}
