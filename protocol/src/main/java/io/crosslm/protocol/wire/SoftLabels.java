package io.crosslm.protocol.wire;

import com.google.protobuf.ByteString;
import io.crosslm.protocol.Limits;
import io.crosslm.protocol.ProtocolException;
import io.crosslm.protocol.ProtocolException.Code;

/** Distributions over the labels as one byte a label, round(254 p). */
public final class SoftLabels {
    /** Byte of p = 1. */
    public static final int SCALE = 254;

    private SoftLabels() {}

    /**
     * Bytes of a distribution.
     *
     * @param distribution from 0 to 1, about 1 in sum
     * @throws IllegalArgumentException if it is no distribution
     */
    public static ByteString encode(float[] distribution) {
        checkDistribution(distribution);
        byte[] bytes = new byte[distribution.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = toByte(distribution[i]);
        }
        return ByteString.copyFrom(bytes);
    }

    /**
     * The distribution, divided by its sum.
     *
     * @throws ProtocolException if no distribution gives these bytes
     */
    public static float[] decode(ByteString bytes) {
        int sum = 0;
        for (int i = 0; i < bytes.size(); i++) {
            int value = bytes.byteAt(i) & 255;
            if (value > SCALE) {
                throw bad(
                        "a soft label has the byte "
                                + value
                                + ", at most "
                                + SCALE
                                + " is allowed");
            }
            sum += value;
        }
        if (sum == 0) {
            throw bad("a soft label of " + bytes.size() + " bytes gives no label any mass");
        }
        float[] distribution = new float[bytes.size()];
        for (int i = 0; i < distribution.length; i++) {
            distribution[i] = (bytes.byteAt(i) & 255) / (float) sum;
        }
        return distribution;
    }

    static byte toByte(float probability) {
        return (byte) Math.round(SCALE * Math.min(1f, Math.max(0f, probability)));
    }

    /** A thousandth above 1 is rounding; a score that is not a number is a fault of the model. */
    static void checkDistribution(float[] distribution) {
        double sum = 0;
        for (float p : distribution) {
            sum += p >= 0 && p <= 1.001f ? p : Double.NaN;
        }
        if (distribution.length < Limits.MIN_LABELS
                || distribution.length > Limits.MAX_LABELS
                || !(Math.abs(sum - 1) < 0.01)) {
            throw new IllegalArgumentException(
                    "expected probabilities of "
                            + Limits.MIN_LABELS
                            + " to "
                            + Limits.MAX_LABELS
                            + " labels with the sum 1, but there are "
                            + distribution.length
                            + " and they are no distribution");
        }
    }

    private static ProtocolException bad(String message) {
        return new ProtocolException(Code.BAD_SCORES, message);
    }
}
