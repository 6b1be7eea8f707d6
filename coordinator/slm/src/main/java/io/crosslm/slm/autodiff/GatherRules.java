package io.crosslm.slm.autodiff;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import io.crosslm.slm.graph.Attributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Operators that take some elements of x, once or more often: an element's gradient is the sum over
 * all places that took it. Scatter with reduction "add" is the adjoint of gather (ONNX operator set
 * 16).
 */
final class GatherRules {
    private static final AttributeProto ADD = Attributes.of("reduction", "add");

    private GatherRules() {}

    static void addTo(Map<String, GradientRule> rules) {
        rules.put("Gather", GatherRules::gather);
        rules.put("GatherElements", GatherRules::gatherElements);
        rules.put("GatherND", GatherRules::gatherSlices);
        rules.put("Slice", GatherRules::slice);
    }

    /** Rows of x; of another axis than the first in two steps, as it is rare. */
    private static void gather(NodeProto node, String d, Backward pass) {
        String x = node.getInput(0);
        long axis = Attributes.integer(node, "axis", 0);
        if (axis < 0 ? axis + pass.rank(x) != 0 : axis != 0) {
            byPlaces(node, d, pass);
            return;
        }
        String rows = pass.reshaped(node.getInput(1), pass.longs(-1, 1)); // [N, 1]
        String shape = pass.op("Shape", x);
        String rest = pass.op("Slice", shape, pass.longs(1), pass.longs(Long.MAX_VALUE));
        String shares = pass.reshaped(d, pass.concat(pass.longs(-1), rest)); // [N, ...]
        pass.add(x, pass.op("ScatterND", Arrays.asList(pass.zeros(shape, x), rows, shares), ADD));
    }

    private static void gatherElements(NodeProto node, String d, Backward pass) {
        String x = node.getInput(0);
        pass.add(
                x,
                pass.op(
                        "ScatterElements",
                        Arrays.asList(pass.zeros(pass.op("Shape", x), x), node.getInput(1), d),
                        Attributes.of("axis", Attributes.integer(node, "axis", 0)),
                        ADD));
    }

    private static void gatherSlices(NodeProto node, String d, Backward pass) {
        if (Attributes.integer(node, "batch_dims", 0) != 0) {
            byPlaces(node, d, pass);
            return;
        }
        String x = node.getInput(0);
        String zeros = pass.zeros(pass.op("Shape", x), x);
        pass.add(x, pass.op("ScatterND", Arrays.asList(zeros, node.getInput(1), d), ADD));
    }

    private static void slice(NodeProto node, String d, Backward pass) {
        byPlaces(node, d, pass);
    }

    /**
     * For every operator that only moves elements: the same operator on the numbers 0, 1, 2 … in
     * the shape of x tells where each element of the result came from.
     */
    private static void byPlaces(NodeProto node, String d, Backward pass) {
        String x = node.getInput(0);
        String count = pass.op("Size", x);
        String zero = pass.op("Squeeze", pass.longs(0));
        String one = pass.op("Squeeze", pass.longs(1));
        String numbers = pass.shapedAs(pass.op("Range", zero, count, one), x);
        List<String> inputs = new ArrayList<>(node.getInputList());
        inputs.set(0, numbers);
        String places =
                pass.op(
                        node.getOpType(),
                        inputs,
                        node.getAttributeList().toArray(new AttributeProto[0]));
        pass.add(x, scattered(d, places, x, pass));
    }

    /** The sum of what goes to each place of x; places count through x row by row. */
    static String scattered(String d, String places, String x, Backward pass) {
        String flat = pass.longs(-1);
        String zeros = pass.zeros(pass.reshaped(pass.op("Size", x), pass.longs(1)), x);
        String sums =
                pass.op(
                        "ScatterElements",
                        Arrays.asList(zeros, pass.reshaped(places, flat), pass.reshaped(d, flat)),
                        Attributes.of("axis", 0),
                        ADD);
        return pass.shapedAs(sums, x);
    }
}
