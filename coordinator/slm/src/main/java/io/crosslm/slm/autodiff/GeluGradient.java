package io.crosslm.slm.autodiff;

import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The gradient of GELU (Hendrycks and Gimpel 2016, section 2), which exporters write out as
 *
 * <pre>
 * y = x (erf(u) + 1) / 2, u = x / sqrt 2, with the three factors in any order.
 * </pre>
 *
 * <p>With s = erf(u) + 1, dx = d / 2 (s + u 2 / sqrt(pi) exp(-u^2)): six passes over memory where
 * the rules of the operators one by one take nine, and x need not be kept. It is a large share of
 * what an encoder's step does besides products of matrices.
 */
final class GeluGradient {
    private static final double TOLERANCE = 1e-6;
    private static final double LOG_SLOPE = Math.log(2 / Math.sqrt(Math.PI));

    private GeluGradient() {}

    /** The rule for a node whose result is a GELU. */
    static Optional<GradientRule> at(NodeProto node, Backward pass) {
        if (!node.getOpType().equals("Mul")) {
            return Optional.empty();
        }
        for (int i = 0; i < 2; i++) {
            String third = node.getInput(1 - i);
            Optional<GradientRule> found =
                    pass.maker(node.getInput(i), "Mul")
                            .map(two -> List.of(third, two.getInput(0), two.getInput(1)))
                            .flatMap(factors -> ofFactors(factors, pass));
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static Optional<GradientRule> ofFactors(List<String> factors, Backward pass) {
        for (String share : factors) {
            Optional<String> u = argument(share, pass);
            List<String> others = new ArrayList<>(factors);
            others.remove(share);
            for (int i = 0; i < 2; i++) {
                String x = others.get(i);
                String half = others.get(1 - i);
                if (u.isPresent() && is(half, 0.5, pass) && isScaled(u.get(), x, pass)) {
                    return Optional.of((node, d, p) -> apply(x, u.get(), share, half, d, p));
                }
            }
        }
        return Optional.empty();
    }

    private static void apply(
            String x, String u, String share, String half, String d, Backward pass) {
        String exponent = pass.op("Sub", pass.scalar(LOG_SLOPE, u), pass.op("Mul", u, u));
        String slope = pass.op("Add", share, pass.op("Mul", u, pass.op("Exp", exponent)));
        pass.add(x, pass.op("Mul", pass.op("Mul", d, half), slope));
    }

    /** u, if the value is erf(u) + 1. */
    private static Optional<String> argument(String share, Backward pass) {
        Optional<NodeProto> sum = pass.maker(share, "Add");
        for (int i = 0; i < 2 && sum.isPresent(); i++) {
            Optional<NodeProto> erf = pass.maker(sum.get().getInput(i), "Erf");
            if (erf.isPresent() && is(sum.get().getInput(1 - i), 1, pass)) {
                return Optional.of(erf.get().getInput(0));
            }
        }
        return Optional.empty();
    }

    /** Whether u is x / sqrt 2. */
    private static boolean isScaled(String u, String x, Backward pass) {
        Optional<NodeProto> quotient = pass.maker(u, "Div");
        if (quotient.isPresent()) {
            return quotient.get().getInput(0).equals(x)
                    && is(quotient.get().getInput(1), Math.sqrt(2), pass);
        }
        Optional<NodeProto> product = pass.maker(u, "Mul");
        return product.isPresent()
                && product.get().getInputList().contains(x)
                && product.get().getInputList().stream().anyMatch(v -> is(v, Math.sqrt(0.5), pass));
    }

    private static boolean is(String value, double number, Backward pass) {
        return pass.constantScalar(value)
                .filter(scalar -> Math.abs(scalar - number) < TOLERANCE)
                .isPresent();
    }
}
