package io.crosslm.llm.export;

import java.nio.ByteBuffer;

/** How an exported model stores its numbers. */
public enum NumberType {
    /** IEEE float32: what was computed with, 4 bytes a weight. */
    F32("f32", 4, "float32", 0, 0),
    /** IEEE binary16: 11 bits of precision, at most 65504; 2 bytes. */
    F16("f16", 2, "float16", 1, 1),
    /** bfloat16: 8 bits of precision, the range of float32; 2 bytes. */
    BF16("bf16", 2, "bfloat16", 30, 32);

    private static final int LARGEST_F16 = 0x477ff000; // 65520 rounds to infinity
    private static final int SMALLEST_NORMAL_F16 = 0x38800000; // 2^-14
    private static final int INFINITE = 0x7f800000;

    private final String id;
    private final int bytes;
    private final String torchName;
    private final int ggufType;
    private final int ggufFileType;

    NumberType(String id, int bytes, String torchName, int ggufType, int ggufFileType) {
        this.id = id;
        this.bytes = bytes;
        this.torchName = torchName;
        this.ggufType = ggufType;
        this.ggufFileType = ggufFileType;
    }

    /** As written on command lines: f32, f16 or bf16. */
    public String id() {
        return id;
    }

    /** Bytes of a number. */
    int bytes() {
        return bytes;
    }

    /** As safetensors names it. */
    String safetensorsName() {
        return name();
    }

    /** As config.json names it. */
    String torchName() {
        return torchName;
    }

    /** GGUF's number of the type. */
    int ggufType() {
        return ggufType;
    }

    /** GGUF's number of a file whose matrices have this type. */
    int ggufFileType() {
        return ggufFileType;
    }

    /**
     * Puts a number, rounded to the nearest, ties to even.
     *
     * @return false if a finite number became infinite
     */
    boolean put(float value, ByteBuffer out) {
        switch (this) {
            case F16:
                short half = float16(value);
                out.putShort(half);
                return (half & 0x7c00) != 0x7c00 || !Float.isFinite(value);
            case BF16:
                short brain = bfloat16(value);
                out.putShort(brain);
                return (brain & 0x7f80) != 0x7f80 || !Float.isFinite(value);
            default:
                out.putFloat(value);
                return true;
        }
    }

    static short float16(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = bits >>> 16 & 0x8000;
        int magnitude = bits & 0x7fffffff;
        if (magnitude > INFINITE) {
            return (short) (sign | 0x7e00);
        }
        if (magnitude >= LARGEST_F16) {
            return (short) (sign | 0x7c00);
        }
        if (magnitude >= SMALLEST_NORMAL_F16) {
            int rounded = magnitude + 0xfff + (magnitude >> 13 & 1);
            return (short) (sign | (rounded - (112 << 23)) >> 13);
        }
        // Multiples of 2^-24; rint rounds ties to even.
        return (short) (sign | (int) Math.rint(Math.abs((double) value) * 0x1p24));
    }

    static short bfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) (bits >>> 16 | 0x40);
        }
        return (short) ((bits + 0x7fff + (bits >>> 16 & 1)) >>> 16);
    }
}
