package io.crosslm.slm.autodiff;

import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.Map;

/** Element-wise operators of two inputs, which may be broadcast. d is the result's gradient. */
final class ArithmeticRules {
    private ArithmeticRules() {}

    static void addTo(Map<String, GradientRule> rules) {
        rules.put("Add", ArithmeticRules::add);
        rules.put("Sub", ArithmeticRules::subtract);
        rules.put("Mul", ArithmeticRules::multiply);
        rules.put("Div", ArithmeticRules::divide);
    }

    private static void add(NodeProto node, String d, Backward pass) {
        pass.addBroadcast(node.getInput(0), d, node.getOutput(0));
        pass.addBroadcast(node.getInput(1), d, node.getOutput(0));
    }

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
}
