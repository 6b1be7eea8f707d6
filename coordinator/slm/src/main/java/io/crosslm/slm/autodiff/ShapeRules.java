package io.crosslm.slm.autodiff;

import ai.onnx.proto.OnnxMl.NodeProto;
import io.crosslm.slm.graph.Attributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Operators that give elements other places or repeat them: the gradient d goes back where the
 * elements came from, and what was repeated is summed.
 */
final class ShapeRules {
    private ShapeRules() {}

    static void addTo(Map<String, GradientRule> rules) {
        rules.put("Reshape", ShapeRules::reshape);
        rules.put("Flatten", ShapeRules::reshape);
        rules.put("Squeeze", ShapeRules::reshape);
        rules.put("Unsqueeze", ShapeRules::reshape);
        rules.put("Transpose", ShapeRules::transpose);
        rules.put("Expand", ShapeRules::expand);
        rules.put("Tile", ShapeRules::tile);
        rules.put("Concat", ShapeRules::concat);
        rules.put("Split", ShapeRules::split);
        rules.put("Pad", ShapeRules::pad);
        rules.put("Trilu", ShapeRules::triangle);
    }

    private static void reshape(NodeProto node, String d, Backward pass) {
        pass.add(node.getInput(0), pass.shapedAs(d, node.getInput(0)));
    }

    /**
     * The inverse order; without an order all dimensions are reversed, which is its own inverse.
     */
    private static void transpose(NodeProto node, String d, Backward pass) {
        long[] order = Attributes.integers(node, "perm");
        int rank = pass.rank(node.getInput(0));
        long[] back = new long[rank];
        for (int i = 0; i < rank; i++) {
            back[order.length == 0 ? i : (int) order[i]] = order.length == 0 ? rank - 1L - i : i;
        }
        pass.add(node.getInput(0), pass.transposed(d, back));
    }

    private static void expand(NodeProto node, String d, Backward pass) {
        pass.addBroadcast(node.getInput(0), d, node.getOutput(0));
    }

    /** x [a, b] repeated (r, s) times: d as [r, a, s, b], summed over r and s. */
    private static void tile(NodeProto node, String d, Backward pass) {
        String x = node.getInput(0);
        int rank = pass.rank(x);
        String repeats = pass.reshaped(node.getInput(1), pass.longs(rank, 1));
        String sizes = pass.reshaped(pass.op("Shape", x), pass.longs(rank, 1));
        String pairs = pass.op("Concat", Arrays.asList(repeats, sizes), Attributes.of("axis", 1));
        String apart = pass.reshaped(d, pass.reshaped(pairs, pass.longs(-1)));
        long[] axes = IntStream.range(0, rank).mapToLong(i -> 2L * i).toArray();
        pass.add(x, pass.sum(apart, false, axes));
    }

    /** Cuts d where the inputs met. */
    private static void concat(NodeProto node, String d, Backward pass) {
        int axis = (int) Attributes.integer(node, "axis", 0);
        int count = node.getInputCount();
        if (count == 1) {
            pass.add(node.getInput(0), d);
            return;
        }
        String[] sizes = new String[count];
        for (int i = 0; i < count; i++) {
            sizes[i] = pass.size(node.getInput(i), axis);
        }
        List<String> parts =
                pass.ops(
                        "Split",
                        Arrays.asList(d, pass.concat(sizes)),
                        count,
                        Attributes.of("axis", axis));
        for (int i = 0; i < count; i++) {
            pass.add(node.getInput(i), parts.get(i));
        }
    }

    /** Joins the results' gradients; a result that nothing uses has zeros. */
    private static void split(NodeProto node, String d, Backward pass) {
        List<String> parts = new ArrayList<>();
        node.getOutputList().forEach(result -> parts.add(pass.gradientOrZeros(result)));
        pass.add(
                node.getInput(0),
                pass.op(
                        "Concat",
                        parts,
                        Attributes.of("axis", Attributes.integer(node, "axis", 0))));
    }

    /** Padding by the negative amounts cuts off what was added and puts 0 where it was cut. */
    private static void pad(NodeProto node, String d, Backward pass) {
        String mode = Attributes.text(node, "mode", "constant");
        if (!mode.equals("constant") || Backward.input(node, 2).filter(pass::needs).isPresent()) {
            throw Backward.refusal(
                    node, "mode " + mode + " or a trained value; pad with a constant");
        }
        String x = node.getInput(0);
        String back = pass.op("Neg", node.getInput(1));
        pass.add(x, pass.op("Pad", d, back, pass.scalar(0, x)));
    }

    private static void triangle(NodeProto node, String d, Backward pass) {
        List<String> inputs = new ArrayList<>(node.getInputList());
        inputs.set(0, d);
        pass.add(
                node.getInput(0),
                pass.op(
                        "Trilu",
                        inputs,
                        Attributes.of("upper", Attributes.integer(node, "upper", 1))));
    }
}
