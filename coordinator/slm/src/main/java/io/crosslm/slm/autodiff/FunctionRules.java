package io.crosslm.slm.autodiff;

import ai.onnx.proto.OnnxMl.NodeProto;
import io.crosslm.slm.graph.Attributes;
import io.crosslm.slm.graph.Tensors;
import java.util.Map;
import java.util.Optional;

/**
 * Functions of one element: dx = d y'(x), derivatives as in Abramowitz and Stegun 1964, chapters 3,
 * 4 and 7. x is the input, y the result, d its gradient.
 */
final class FunctionRules {
    private FunctionRules() {}

    static void addTo(Map<String, GradientRule> rules) {
        rules.put("Identity", (node, d, pass) -> pass.add(node.getInput(0), d));
        rules.put("Dropout", FunctionRules::dropout);
        rules.put("Cast", FunctionRules::cast);
        rules.put("Neg", (node, d, pass) -> pass.add(node.getInput(0), pass.op("Neg", d)));
        rules.put("Abs", FunctionRules::absolute);
        rules.put("Exp", (node, d, pass) -> multiplied(node, d, node.getOutput(0), pass));
        rules.put("Log", (node, d, pass) -> divided(node, d, node.getInput(0), pass));
        rules.put("Sqrt", FunctionRules::root);
        rules.put("Reciprocal", FunctionRules::reciprocal);
        rules.put("Sin", FunctionRules::sine);
        rules.put("Cos", FunctionRules::cosine);
        rules.put("Erf", FunctionRules::errorFunction);
        rules.put("Tanh", FunctionRules::tanh);
        rules.put("Sigmoid", FunctionRules::sigmoid);
        rules.put("Softplus", FunctionRules::softplus);
        rules.put(
                "Relu",
                (node, d, pass) -> rectified(node, d, pass.scalar(0, node.getOutput(0)), pass));
        rules.put("LeakyRelu", FunctionRules::leakyRelu);
        rules.put("Elu", FunctionRules::elu);
    }

    private static void multiplied(NodeProto node, String d, String slope, Backward pass) {
        pass.add(node.getInput(0), pass.op("Mul", d, slope));
    }

    private static void divided(NodeProto node, String d, String by, Backward pass) {
        pass.add(node.getInput(0), pass.op("Div", d, by));
    }

    /** Out of training dropout changes nothing. */
    private static void dropout(NodeProto node, String d, Backward pass) {
        Optional<String> training = Backward.input(node, 2);
        if (training.isPresent()) {
            boolean off =
                    pass.constant(training.get()).filter(flag -> !Tensors.toFlag(flag)).isPresent();
            if (!off) {
                throw Backward.refusal(
                        node, "it may drop elements; export the model in inference mode");
            }
        }
        pass.add(node.getInput(0), d);
    }

    /** Between floating-point types: the gradient goes back into the input's type. */
    private static void cast(NodeProto node, String d, Backward pass) {
        pass.add(node.getInput(0), pass.cast(d, node.getInput(0)));
    }

    /** dx = d sign(x). */
    private static void absolute(NodeProto node, String d, Backward pass) {
        multiplied(node, d, pass.op("Sign", node.getInput(0)), pass);
    }

    /** dx = d / (2 y). */
    private static void root(NodeProto node, String d, Backward pass) {
        String y = node.getOutput(0);
        divided(node, pass.op("Mul", d, pass.scalar(0.5, y)), y, pass);
    }

    /** dx = -d y^2. */
    private static void reciprocal(NodeProto node, String d, Backward pass) {
        String y = node.getOutput(0);
        multiplied(node, pass.op("Neg", d), pass.op("Mul", y, y), pass);
    }

    private static void sine(NodeProto node, String d, Backward pass) {
        multiplied(node, d, pass.op("Cos", node.getInput(0)), pass);
    }

    private static void cosine(NodeProto node, String d, Backward pass) {
        multiplied(node, pass.op("Neg", d), pass.op("Sin", node.getInput(0)), pass);
    }

    /** dx = d exp(-x^2) 2 / sqrt(pi) (Abramowitz and Stegun 7.1.19). */
    private static void errorFunction(NodeProto node, String d, Backward pass) {
        String x = node.getInput(0);
        String peak = pass.scalar(Math.log(2 / Math.sqrt(Math.PI)), x);
        multiplied(node, d, pass.op("Exp", pass.op("Sub", peak, pass.op("Mul", x, x))), pass);
    }

    /** dx = d (1 - y^2). */
    private static void tanh(NodeProto node, String d, Backward pass) {
        String y = node.getOutput(0);
        multiplied(node, d, pass.op("Sub", pass.scalar(1, y), pass.op("Mul", y, y)), pass);
    }

    /** dx = d y (1 - y). */
    private static void sigmoid(NodeProto node, String d, Backward pass) {
        String y = node.getOutput(0);
        multiplied(node, d, pass.op("Mul", y, pass.op("Sub", pass.scalar(1, y), y)), pass);
    }

    /** y = ln(1 + e^x): dx = d / (1 + e^-x). */
    private static void softplus(NodeProto node, String d, Backward pass) {
        multiplied(node, d, pass.op("Sigmoid", node.getInput(0)), pass);
    }

    /** y = x where x > 0, else by a slope: dx = d or d slope; at 0 as left of it, as PyTorch. */
    private static void rectified(NodeProto node, String d, String slope, Backward pass) {
        String x = node.getInput(0);
        String positive = pass.op("Greater", x, pass.scalar(0, x));
        multiplied(node, d, pass.op("Where", positive, pass.scalar(1, x), slope), pass);
    }

    private static void leakyRelu(NodeProto node, String d, Backward pass) {
        float alpha = Attributes.number(node, "alpha", 0.01f);
        rectified(node, d, pass.scalar(alpha, node.getInput(0)), pass);
    }

    /** y = alpha (e^x - 1) left of 0: its slope there is y + alpha. */
    private static void elu(NodeProto node, String d, Backward pass) {
        String y = node.getOutput(0);
        String alpha = pass.scalar(Attributes.number(node, "alpha", 1), y);
        rectified(node, d, pass.op("Add", y, alpha), pass);
    }
}
