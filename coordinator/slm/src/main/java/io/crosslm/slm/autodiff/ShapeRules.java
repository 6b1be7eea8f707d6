package io.crosslm.slm.autodiff;

import ai.onnx.proto.OnnxMl.NodeProto;
import io.crosslm.slm.SlmException;
import io.crosslm.slm.graph.Attributes;
import java.util.Arrays;
import java.util.Map;

/** Operators that move elements and do not change them. */
final class ShapeRules {
    private ShapeRules() {}

    static void addTo(Map<String, GradientRule> rules) {
        rules.put("Reshape", ShapeRules::reshape);
        rules.put("Squeeze", ShapeRules::reshape);
        rules.put("Unsqueeze", ShapeRules::reshape);
        rules.put("Transpose", ShapeRules::transpose);
        rules.put("Expand", ShapeRules::expand);
        rules.put("Gather", ShapeRules::gatherRows);
    }

    private static void reshape(NodeProto node, String d, Backward pass) {
        String x = node.getInput(0);
        pass.add(x, pass.op("Reshape", d, pass.op("Shape", x)));
    }

    private static void transpose(NodeProto node, String d, Backward pass) {
        long[] order = Attributes.integers(node, "perm");
        int rank = pass.shape(node.getInput(0)).length;
        long[] back = new long[rank];
        for (int i = 0; i < rank; i++) {
            // Without an order all dimensions are reversed, which is its own inverse.
            back[order.length == 0 ? i : (int) order[i]] = order.length == 0 ? rank - 1L - i : i;
        }
        pass.add(
                node.getInput(0),
                pass.op("Transpose", Arrays.asList(d), Attributes.of("perm", back)));
    }

    private static void expand(NodeProto node, String d, Backward pass) {
        pass.addBroadcast(node.getInput(0), d, node.getOutput(0));
    }

    /** Rows of a table: a row's gradient is the sum over all places that took it. */
    private static void gatherRows(NodeProto node, String d, Backward pass) {
        String table = node.getInput(0);
        if (Attributes.integer(node, "axis", 0) != 0 || pass.shape(table).length != 2) {
            throw new SlmException(
                    SlmException.Code.NO_GRADIENT,
                    "Node "
                            + Backward.describe(node)
                            + " gathers something other than rows of a table");
        }
        String zeros = pass.op("ConstantOfShape", pass.op("Shape", table));
        String rows = pass.op("Reshape", node.getInput(1), pass.longs(-1, 1));
        String shares = pass.op("Reshape", d, pass.longs(-1, pass.shapes().fixed(table, 1)));
        pass.add(
                table,
                pass.op(
                        "ScatterND",
                        Arrays.asList(zeros, rows, shares),
                        Attributes.of("reduction", "add")));
    }
}
