package io.crosslm.slm.autodiff;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import io.crosslm.slm.graph.Attributes;
import java.util.Arrays;
import java.util.Map;

/** Products of matrices, also of stacks of them (Giles 2008, section 2.2.2). d is the gradient. */
final class MatrixRules {
    private MatrixRules() {}

    static void addTo(Map<String, GradientRule> rules) {
        rules.put("MatMul", MatrixRules::product);
        rules.put("Gemm", MatrixRules::generalProduct);
    }

    /**
     * y = a b with a [.., M, K] and b [.., K, N]: da = d b^T, db = a^T d. A vector counts as one
     * row on the left and as one column on the right; stacks may be broadcast.
     */
    private static void product(NodeProto node, String d, Backward pass) {
        String a = node.getInput(0);
        String b = node.getInput(1);
        int rankA = pass.rank(a);
        int rankB = pass.rank(b);
        if (rankA == 1 || rankB == 1) {
            productWithVector(node, d, pass);
            return;
        }
        if (pass.needs(a)) {
            String share = pass.op("MatMul", d, pass.matrixTransposed(b, rankB));
            pass.add(a, pass.summed(share, stack(node, pass, a), pass.shape(a)));
        }
        if (!pass.needs(b)) {
            return;
        }
        if (rankB == 2 && rankA > 2) {
            // One matrix for the whole stack: the stack becomes one tall matrix.
            String tallA = tall(a, pass);
            String tallD = pass.reshaped(d, pass.concat(pass.longs(-1), pass.size(b, 1)));
            pass.add(b, pass.op("MatMul", pass.matrixTransposed(tallA, 2), tallD));
        } else {
            String share = pass.op("MatMul", pass.matrixTransposed(a, rankA), d);
            pass.add(b, pass.summed(share, stack(node, pass, b), pass.shape(b)));
        }
    }

    private static String tall(String a, Backward pass) {
        return pass.reshaped(a, pass.concat(pass.longs(-1), pass.size(a, -1)));
    }

    /** Dimensions of one factor's share: the result's stack and the factor's own matrix. */
    private static long[] stack(NodeProto node, Backward pass, String factor) {
        long[] dimensions = pass.shape(node.getOutput(0));
        long[] own = pass.shape(factor);
        System.arraycopy(own, own.length - 2, dimensions, dimensions.length - 2, 2);
        return dimensions;
    }

    /** With a vector a sum of products is simpler than putting dimensions in and out. */
    private static void productWithVector(NodeProto node, String d, Backward pass) {
        String a = node.getInput(0);
        String b = node.getInput(1);
        if (pass.rank(b) == 1) {
            // y[.., m] = sum_k a[.., m, k] b[k]
            String column = pass.op("Unsqueeze", d, pass.longs(-1));
            if (pass.needs(a)) {
                pass.add(a, pass.op("Mul", column, b));
            }
            if (pass.needs(b)) {
                pass.add(b, pass.summed(pass.op("Mul", column, a), pass.shape(a), new long[1]));
            }
            return;
        }
        // y[.., n] = sum_k a[k] b[.., k, n]
        String row = pass.op("Unsqueeze", d, pass.longs(-2));
        if (pass.needs(b)) {
            pass.add(b, pass.op("Mul", row, pass.op("Unsqueeze", a, pass.longs(-1))));
        }
        if (pass.needs(a)) {
            String sums = pass.sum(pass.op("Mul", row, b), false, -1); // [.., K]
            long[] shape = pass.shape(b);
            pass.add(a, pass.summed(sums, Arrays.copyOf(shape, shape.length - 1), pass.shape(a)));
        }
    }

    /** y = alpha a' b' + beta c, a' = a or a^T: da' = alpha d b'^T, db' = alpha a'^T d. */
    private static void generalProduct(NodeProto node, String d, Backward pass) {
        String a = node.getInput(0);
        String b = node.getInput(1);
        boolean turnA = Attributes.integer(node, "transA", 0) != 0;
        boolean turnB = Attributes.integer(node, "transB", 0) != 0;
        AttributeProto alpha = Attributes.of("alpha", Attributes.number(node, "alpha", 1));
        if (pass.needs(a)) {
            pass.add(
                    a,
                    turnA
                            ? gemm(pass, b, turnB, d, true, alpha)
                            : gemm(pass, d, false, b, !turnB, alpha));
        }
        if (pass.needs(b)) {
            pass.add(
                    b,
                    turnB
                            ? gemm(pass, d, true, a, turnA, alpha)
                            : gemm(pass, a, !turnA, d, false, alpha));
        }
        Backward.input(node, 2)
                .filter(pass::needs)
                .ifPresent(
                        c -> {
                            float beta = Attributes.number(node, "beta", 1);
                            String share = beta == 1 ? d : pass.op("Mul", d, pass.scalar(beta, c));
                            pass.addBroadcast(c, share, node.getOutput(0));
                        });
    }

    private static String gemm(
            Backward pass, String a, boolean turnA, String b, boolean turnB, AttributeProto alpha) {
        return pass.op(
                "Gemm",
                Arrays.asList(a, b),
                alpha,
                Attributes.of("transA", turnA ? 1 : 0),
                Attributes.of("transB", turnB ? 1 : 0));
    }
}
