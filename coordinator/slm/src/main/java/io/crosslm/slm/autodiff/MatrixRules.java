package io.crosslm.slm.autodiff;

import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.Map;

/** Products of matrices, also of stacks of them. */
final class MatrixRules {
    private MatrixRules() {}

    static void addTo(Map<String, GradientRule> rules) {
        rules.put("MatMul", MatrixRules::product);
    }

    /** y = a b with a [.., M, K] and b [.., K, N]: da = d b^T, db = a^T d. */
    private static void product(NodeProto node, String d, Backward pass) {
        String a = node.getInput(0);
        String b = node.getInput(1);
        int rankA = pass.shape(a).length;
        int rankB = pass.shape(b).length;
        if (pass.needs(a)) {
            // Where stacks differ in size the smaller one was broadcast; encoders have none such.
            pass.add(a, pass.op("MatMul", d, pass.transposed(b, rankB)));
        }
        if (!pass.needs(b)) {
            return;
        }
        if (rankB == 2 && rankA > 2) {
            // One matrix for the whole stack: the stack becomes one tall matrix.
            String tallA = pass.op("Reshape", a, pass.longs(-1, pass.shapes().fixed(a, -1)));
            String tallD =
                    pass.op(
                            "Reshape",
                            d,
                            pass.longs(-1, pass.shapes().fixed(node.getOutput(0), -1)));
            pass.add(b, pass.op("MatMul", pass.transposed(tallA, 2), tallD));
        } else {
            pass.add(b, pass.op("MatMul", pass.transposed(a, rankA), d));
        }
    }
}
