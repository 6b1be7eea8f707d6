package io.crosslm.llm.format;

/** Decodes numbers that stand alone. All are little-endian. */
final class PlainNumbers {
    private PlainNumbers() {}

    static void float32(byte[] in, int count, float[] out) {
        for (int i = 0; i < count; i++) {
            int bits = uint16(in, 4 * i) | uint16(in, 4 * i + 2) << 16;
            out[i] = Float.intBitsToFloat(bits);
        }
    }

    static void float16(byte[] in, int count, float[] out) {
        for (int i = 0; i < count; i++) {
            out[i] = float16(in, 2 * i);
        }
    }

    static void bfloat16(byte[] in, int count, float[] out) {
        for (int i = 0; i < count; i++) {
            out[i] = Float.intBitsToFloat(uint16(in, 2 * i) << 16);
        }
    }

    /** Two bytes as an unsigned number. */
    static int uint16(byte[] in, int at) {
        return in[at] & 255 | (in[at + 1] & 255) << 8;
    }

    /** IEEE 754 binary16 to float32, exactly. */
    static float float16(byte[] in, int at) {
        int bits = uint16(in, at);
        int exponent = bits >> 10 & 31;
        int fraction = bits & 1023;
        float magnitude;
        if (exponent == 31) {
            magnitude = fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
        } else if (exponent == 0) {
            magnitude = fraction * 0x1p-24f;
        } else {
            magnitude = Float.intBitsToFloat(exponent + 112 << 23 | fraction << 13);
        }
        return bits < 0x8000 ? magnitude : -magnitude;
    }
}
