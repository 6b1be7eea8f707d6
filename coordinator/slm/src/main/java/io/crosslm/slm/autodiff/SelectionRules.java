package io.crosslm.slm.autodiff;

import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Operators whose result is one of their inputs, element by element: the chosen one receives the
 * gradient d, the others 0. Inputs may be broadcast.
 */
final class SelectionRules {
    private SelectionRules() {}

    static void addTo(Map<String, GradientRule> rules) {
        rules.put("Where", SelectionRules::where);
        rules.put("Max", SelectionRules::extreme);
        rules.put("Min", SelectionRules::extreme);
        rules.put("Clip", SelectionRules::clip);
    }

    /** y = a where c, else b. */
    private static void where(NodeProto node, String d, Backward pass) {
        String condition = node.getInput(0);
        String a = node.getInput(1);
        String b = node.getInput(2);
        String zero = pass.scalar(0, node.getOutput(0));
        if (pass.needs(a)) {
            pass.addBroadcast(a, pass.op("Where", condition, d, zero), node.getOutput(0));
        }
        if (pass.needs(b)) {
            pass.addBroadcast(b, pass.op("Where", condition, zero, d), node.getOutput(0));
        }
    }

    /** Inputs that are equally far out share the gradient, as in PyTorch's maximum. */
    private static void extreme(NodeProto node, String d, Backward pass) {
        String y = node.getOutput(0);
        List<String> chosen = new ArrayList<>();
        for (String input : node.getInputList()) {
            chosen.add(pass.indicator(pass.op("Equal", input, y), y));
        }
        String share = d;
        if (chosen.size() > 1) {
            share = pass.op("Div", d, pass.op("Sum", chosen));
        }
        for (int i = 0; i < chosen.size(); i++) {
            if (pass.needs(node.getInput(i))) {
                pass.addBroadcast(node.getInput(i), pass.op("Mul", share, chosen.get(i)), y);
            }
        }
    }

    /**
     * d where x is between the bounds, 0 where it is cut off or at a bound, as clamp, hardtanh and
     * relu6 of PyTorch 2.15; its earlier clamps gave d at a bound.
     */
    private static void clip(NodeProto node, String d, Backward pass) {
        String x = node.getInput(0);
        String share = d;
        for (int place = 1; place <= 2; place++) {
            Optional<String> bound = Backward.input(node, place);
            if (bound.isPresent()) {
                if (pass.needs(bound.get())) {
                    throw Backward.refusal(
                            node, "a bound is trained; write it as Max and Min of tensors");
                }
                String inside = place == 1 ? "Greater" : "Less";
                share = pass.op("Where", pass.op(inside, x, bound.get()), share, pass.scalar(0, x));
            }
        }
        pass.add(x, share);
    }
}
