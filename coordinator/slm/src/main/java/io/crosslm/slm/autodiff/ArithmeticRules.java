package io.crosslm.slm.autodiff;

import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Element-wise operators of two or more inputs, which may be broadcast. d is the result's gradient;
 * what broadcasting repeated is summed (Hogan 2014, section 3.2, is on such adjoints of array
 * expressions).
 */
final class ArithmeticRules {
    private ArithmeticRules() {}

    static void addTo(Map<String, GradientRule> rules) {
        rules.put("Add", ArithmeticRules::add);
        rules.put("Sum", ArithmeticRules::add);
        rules.put("Mean", ArithmeticRules::mean);
        rules.put("Sub", ArithmeticRules::subtract);
        rules.put("Mul", ArithmeticRules::multiply);
        rules.put("Div", ArithmeticRules::divide);
        rules.put("Pow", ArithmeticRules::power);
        rules.put("PRelu", ArithmeticRules::parametricRelu);
    }

    /** y = a + b + …: each input's gradient is d. */
    private static void add(NodeProto node, String d, Backward pass) {
        node.getInputList().forEach(input -> pass.addBroadcast(input, d, node.getOutput(0)));
    }

    /** y = (a + b + …) / n: d / n. */
    private static void mean(NodeProto node, String d, Backward pass) {
        String n = pass.scalar(node.getInputCount(), node.getOutput(0));
        add(node, pass.op("Div", d, n), pass);
    }

    /** y = a - b: da = d, db = -d. */
    private static void subtract(NodeProto node, String d, Backward pass) {
        pass.addBroadcast(node.getInput(0), d, node.getOutput(0));
        if (pass.needs(node.getInput(1))) {
            pass.addBroadcast(node.getInput(1), pass.op("Neg", d), node.getOutput(0));
        }
    }

    /** y = a b: da = d b, db = d a. */
    private static void multiply(NodeProto node, String d, Backward pass) {
        String a = node.getInput(0);
        String b = node.getInput(1);
        if (pass.needs(a)) {
            pass.addBroadcast(a, pass.op("Mul", d, b), node.getOutput(0));
        }
        if (pass.needs(b)) {
            pass.addBroadcast(b, pass.op("Mul", d, a), node.getOutput(0));
        }
    }

    /** y = a / b: da = d / b, db = -y d / b. */
    private static void divide(NodeProto node, String d, Backward pass) {
        String b = node.getInput(1);
        String share = pass.op("Div", d, b);
        pass.addBroadcast(node.getInput(0), share, node.getOutput(0));
        if (pass.needs(b)) {
            String product = pass.op("Mul", share, node.getOutput(0));
            pass.addBroadcast(b, pass.op("Neg", product), node.getOutput(0));
        }
    }

    /** y = a^b: da = d b a^(b-1), db = d y ln a, and 0 where a = 0, as in PyTorch. */
    private static void power(NodeProto node, String d, Backward pass) {
        String a = node.getInput(0);
        String b = node.getInput(1);
        if (pass.needs(a)) {
            Set<Float> exponent = new HashSet<>();
            pass.constantScalar(b).ifPresent(exponent::add);
            // Squares are by far the most frequent: their slope needs no second power.
            String exponentAsA = pass.type(b) == pass.type(a) ? b : pass.cast(b, a);
            String slope =
                    exponent.contains(2f)
                            ? a
                            : pass.op("Pow", a, pass.op("Sub", exponentAsA, pass.scalar(1, a)));
            String share = pass.op("Mul", d, pass.op("Mul", slope, exponentAsA));
            pass.addBroadcast(a, share, node.getOutput(0));
        }
        if (pass.needs(b)) {
            String positive = pass.op("Greater", a, pass.scalar(0, a));
            String safe = pass.op("Where", positive, a, pass.scalar(1, a)); // ln 1 = 0
            String slope = pass.op("Mul", node.getOutput(0), pass.op("Log", safe));
            pass.addBroadcast(b, pass.op("Mul", d, slope), node.getOutput(0));
        }
    }

    /** y = x above 0, else s x: dx = d or d s, ds = d x where x is not above 0. */
    private static void parametricRelu(NodeProto node, String d, Backward pass) {
        String x = node.getInput(0);
        String s = node.getInput(1);
        String positive = pass.op("Greater", x, pass.scalar(0, x));
        if (pass.needs(x)) {
            pass.add(x, pass.op("Where", positive, d, pass.op("Mul", d, s)));
        }
        if (pass.needs(s)) {
            String share = pass.op("Where", positive, pass.scalar(0, x), pass.op("Mul", d, x));
            pass.addBroadcast(s, share, node.getOutput(0));
        }
    }
}
