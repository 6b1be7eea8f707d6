package io.crosslm.slm.classifier;

import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.Optional;

/**
 * How a value's bytes grow with rows B and tokens T of a batch: {@code factor} bytes, times B and T
 * to the powers {@code rows} and {@code tokens}. Told from its dimensions in {@link GraphProbe}'s
 * two runs, whose sizes have no divisor in common. Immutable.
 */
record Growth(long factor, int rows, int tokens) {
    private static final long ROWS = GraphProbe.FIRST[0];
    private static final long TOKENS = GraphProbe.FIRST[1];
    private static final long MORE_ROWS = GraphProbe.SECOND[0];
    private static final long MORE_TOKENS = GraphProbe.SECOND[1];

    /** Empty if the value grows faster than B T^2. */
    static Optional<Growth> of(TensorProto.DataType type, long[] first, long[] second) {
        Growth product = new Growth(elementBytes(type), 0, 0);
        for (int i = 0; i < first.length; i++) {
            Growth one = dimension(first[i], second[i]);
            product =
                    new Growth(
                            Math.multiplyExact(product.factor, one.factor),
                            product.rows + one.rows,
                            product.tokens + one.tokens);
        }
        return product.rows > 1 || product.tokens > 2 ? Optional.empty() : Optional.of(product);
    }

    private static Growth dimension(long first, long second) {
        for (int rows = 0; rows <= 1; rows++) {
            for (int tokens = 0; tokens <= 2; tokens++) {
                long unit = power(ROWS, rows) * power(TOKENS, tokens);
                long moreUnit = power(MORE_ROWS, rows) * power(MORE_TOKENS, tokens);
                boolean whole = first % unit == 0 && second % moreUnit == 0;
                if (whole && first / unit == second / moreUnit) {
                    return new Growth(first / unit, rows, tokens);
                }
            }
        }
        // Something like T + 1: never more than this.
        long factor = Math.max(ceiling(first, TOKENS), ceiling(second, MORE_TOKENS));
        return new Growth(factor, 1, 1);
    }

    private static long ceiling(long number, long divisor) {
        return (number + divisor - 1) / divisor;
    }

    private static long power(long base, int exponent) {
        long result = 1;
        for (int i = 0; i < exponent; i++) {
            result *= base;
        }
        return result;
    }

    private static long elementBytes(TensorProto.DataType type) {
        return switch (type) {
            case BOOL, INT8, UINT8 -> 1;
            case FLOAT16, BFLOAT16, INT16, UINT16 -> 2;
            case DOUBLE, INT64, UINT64 -> 8;
            default -> 4;
        };
    }
}
