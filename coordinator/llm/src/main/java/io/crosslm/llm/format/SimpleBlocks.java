package io.crosslm.llm.format;

import static io.crosslm.llm.format.PlainNumbers.float16;

/**
 * Decodes GGUF's blocks of 32 values with one scale d, and a minimum m in the kinds that end with 1
 * (ggml-quants.c). Adding 0 turns a negative zero into a positive one, so that results do not hang
 * on the order of multiplication.
 */
final class SimpleBlocks {
    private static final int VALUES = 32;
    private static final int HALF = 16;

    private SimpleBlocks() {}

    /** d * (q - 8), 4 bits each; the first 16 values in the low halves of the bytes. */
    static void q40(byte[] in, int blocks, float[] out) {
        for (int block = 0; block < blocks; block++) {
            int at = 18 * block;
            int to = VALUES * block;
            float d = float16(in, at);
            for (int i = 0; i < HALF; i++) {
                int b = in[at + 2 + i];
                out[to + i] = d * ((b & 15) - 8) + 0f;
                out[to + HALF + i] = d * ((b >> 4 & 15) - 8) + 0f;
            }
        }
    }

    /** d * q + m, 4 bits each as {@link #q40}. */
    static void q41(byte[] in, int blocks, float[] out) {
        for (int block = 0; block < blocks; block++) {
            int at = 20 * block;
            int to = VALUES * block;
            float d = float16(in, at);
            float m = float16(in, at + 2);
            for (int i = 0; i < HALF; i++) {
                int b = in[at + 4 + i];
                out[to + i] = d * (b & 15) + m;
                out[to + HALF + i] = d * (b >> 4 & 15) + m;
            }
        }
    }

    /** d * (q - 16): four bits as {@link #q40}, the fifth in a word of 32 bits, one a value. */
    static void q50(byte[] in, int blocks, float[] out) {
        for (int block = 0; block < blocks; block++) {
            int at = 22 * block;
            int to = VALUES * block;
            float d = float16(in, at);
            int high = word(in, at + 2);
            for (int i = 0; i < HALF; i++) {
                int b = in[at + 6 + i];
                out[to + i] = d * ((b & 15 | (high >> i & 1) << 4) - 16) + 0f;
                out[to + HALF + i] = d * ((b >> 4 & 15 | (high >> HALF + i & 1) << 4) - 16) + 0f;
            }
        }
    }

    /** d * q + m, 5 bits each as {@link #q50}. */
    static void q51(byte[] in, int blocks, float[] out) {
        for (int block = 0; block < blocks; block++) {
            int at = 24 * block;
            int to = VALUES * block;
            float d = float16(in, at);
            float m = float16(in, at + 2);
            int high = word(in, at + 4);
            for (int i = 0; i < HALF; i++) {
                int b = in[at + 8 + i];
                out[to + i] = d * (b & 15 | (high >> i & 1) << 4) + m;
                out[to + HALF + i] = d * (b >> 4 & 15 | (high >> HALF + i & 1) << 4) + m;
            }
        }
    }

    /** d * q, 8 bits each, signed. */
    static void q80(byte[] in, int blocks, float[] out) {
        for (int block = 0; block < blocks; block++) {
            int at = 34 * block;
            int to = VALUES * block;
            float d = float16(in, at);
            for (int i = 0; i < VALUES; i++) {
                out[to + i] = d * in[at + 2 + i] + 0f;
            }
        }
    }

    private static int word(byte[] in, int at) {
        return PlainNumbers.uint16(in, at) | PlainNumbers.uint16(in, at + 2) << 16;
    }
}
