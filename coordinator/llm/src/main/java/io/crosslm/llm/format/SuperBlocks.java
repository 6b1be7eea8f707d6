package io.crosslm.llm.format;

import static io.crosslm.llm.format.PlainNumbers.float16;

/**
 * Decodes GGUF's K kinds: blocks of 256 values in parts with a small scale each, and in Q4_K and
 * Q5_K a small minimum (ggml-quants.c). Zeros are positive as in {@link SimpleBlocks}.
 */
final class SuperBlocks {
    private static final int VALUES = 256;
    private static final int SCALES = 4;

    private SuperBlocks() {}

    /**
     * d * scale * q - dmin * minimum, 4 bits each. Parts of 32 come in pairs: one in the low halves
     * of 32 bytes, the next in the high ones.
     */
    static void q4k(byte[] in, int blocks, float[] out) {
        for (int block = 0; block < blocks; block++) {
            int at = 144 * block;
            float d = float16(in, at);
            float dmin = float16(in, at + 2);
            for (int part = 0; part < 8; part++) {
                float scale = d * scale(in, at + SCALES, part);
                float minimum = dmin * minimum(in, at + SCALES, part);
                int from = at + 16 + 32 * (part / 2);
                int shift = 4 * (part % 2);
                int to = VALUES * block + 32 * part;
                for (int i = 0; i < 32; i++) {
                    out[to + i] = scale * (in[from + i] >> shift & 15) - minimum + 0f;
                }
            }
        }
    }

    /** As {@link #q4k} with a fifth bit: bit p of 32 bytes for the values of part p. */
    static void q5k(byte[] in, int blocks, float[] out) {
        for (int block = 0; block < blocks; block++) {
            int at = 176 * block;
            float d = float16(in, at);
            float dmin = float16(in, at + 2);
            for (int part = 0; part < 8; part++) {
                float scale = d * scale(in, at + SCALES, part);
                float minimum = dmin * minimum(in, at + SCALES, part);
                int from = at + 48 + 32 * (part / 2);
                int shift = 4 * (part % 2);
                int to = VALUES * block + 32 * part;
                for (int i = 0; i < 32; i++) {
                    int high = (in[at + 16 + i] >> part & 1) << 4;
                    out[to + i] = scale * (in[from + i] >> shift & 15 | high) - minimum + 0f;
                }
            }
        }
    }

    /**
     * d * scale * (q - 32), 6 bits each, signed scales of 16 values. Halves of 128 values: 64 bytes
     * with the lower four bits, 32 with the upper two.
     */
    static void q6k(byte[] in, int blocks, float[] out) {
        for (int block = 0; block < blocks; block++) {
            int at = 210 * block;
            float d = float16(in, at + 208);
            for (int part = 0; part < 8; part++) {
                int half = part / 4;
                int quarter = part % 4;
                int low = at + 64 * half + 32 * (quarter % 2);
                int lowShift = 4 * (quarter / 2);
                int high = at + 128 + 32 * half;
                int to = VALUES * block + 32 * part;
                for (int i = 0; i < 32; i++) {
                    float scale = d * in[at + 192 + 2 * part + i / 16];
                    int q = in[low + i] >> lowShift & 15 | (in[high + i] >> 2 * quarter & 3) << 4;
                    out[to + i] = scale * (q - 32) + 0f;
                }
            }
        }
    }

    /** 6 bits: of parts 0 to 3 in bytes 0 to 3; of the others in bytes 8 to 11 and 0 to 3. */
    private static int scale(byte[] in, int at, int part) {
        return part < 4
                ? in[at + part] & 63
                : in[at + part + 4] & 15 | (in[at + part - 4] >> 6 & 3) << 4;
    }

    /** 6 bits: of parts 0 to 3 in bytes 4 to 7; of the others in bytes 8 to 11 and 4 to 7. */
    private static int minimum(byte[] in, int at, int part) {
        return part < 4
                ? in[at + part + 4] & 63
                : in[at + part + 4] >> 4 & 15 | (in[at + part] >> 6 & 3) << 4;
    }
}
