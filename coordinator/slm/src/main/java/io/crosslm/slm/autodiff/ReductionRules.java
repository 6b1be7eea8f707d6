package io.crosslm.slm.autodiff;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.crosslm.slm.graph.Attributes;
import java.util.Arrays;
import java.util.Map;

/** Sums and means: every element that was summed receives the sum's gradient. */
final class ReductionRules {
    private ReductionRules() {}

    static void addTo(Map<String, GradientRule> rules) {
        rules.put(
                "ReduceSum", (node, d, pass) -> pass.add(node.getInput(0), spread(node, d, pass)));
        rules.put("ReduceMean", ReductionRules::mean);
    }

    /** The gradient with the input's shape; reduced dimensions are put back first. */
    private static String spread(NodeProto node, String d, Backward pass) {
        String x = node.getInput(0);
        String shape = pass.op("Shape", x);
        String gradient = d;
        boolean dropped = Attributes.integer(node, "keepdims", 1) == 0;
        if (dropped && pass.shape(node.getOutput(0)).length > 0) {
            String axes =
                    node.getInputCount() > 1
                            ? node.getInput(1)
                            : pass.longs(Attributes.integers(node, "axes"));
            gradient = pass.op("Unsqueeze", d, axes);
        }
        return pass.op("Expand", gradient, shape);
    }

    /** The number of elements in a mean is that of the input over that of the result. */
    private static void mean(NodeProto node, String d, Backward pass) {
        String count =
                pass.op(
                        "Div",
                        pass.op("Size", node.getInput(0)),
                        pass.op("Size", node.getOutput(0)));
        String divisor =
                pass.op(
                        "Cast",
                        Arrays.asList(count),
                        Attributes.of("to", TensorProto.DataType.FLOAT.getNumber()));
        pass.add(node.getInput(0), spread(node, pass.op("Div", d, divisor), pass));
    }
}
