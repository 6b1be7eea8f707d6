package io.crosslm.llm.format;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import org.jspecify.annotations.Nullable;

/** How numbers are stored in a file; values come in blocks of equal size. */
enum TensorType {
    F32(0, "F32", 1, 4) {
        @Override
        void block(ByteBuffer in, FloatBuffer out) {
            out.put(in.getFloat());
        }
    },
    F16(1, "F16", 1, 2) {
        @Override
        void block(ByteBuffer in, FloatBuffer out) {
            out.put(float16(in.getShort()));
        }
    },
    /** 32 values d * q + m with 4-bit q; the first 16 in the low halves of the bytes. */
    Q4_1(3, null, 32, 20) {
        @Override
        void block(ByteBuffer in, FloatBuffer out) {
            float d = float16(in.getShort());
            float m = float16(in.getShort());
            int start = in.position();
            for (int i = 0; i < 16; i++) {
                out.put(d * (in.get(start + i) & 15) + m);
            }
            for (int i = 0; i < 16; i++) {
                out.put(d * (in.get(start + i) >> 4 & 15) + m);
            }
            in.position(start + 16);
        }
    },
    /** 32 values d * q with 8-bit q. */
    Q8_0(8, null, 32, 34) {
        @Override
        void block(ByteBuffer in, FloatBuffer out) {
            float d = float16(in.getShort());
            for (int i = 0; i < 32; i++) {
                // Adding 0 turns a negative zero into a positive one.
                out.put(d * in.get() + 0f);
            }
        }
    },
    BF16(30, "BF16", 1, 2) {
        @Override
        void block(ByteBuffer in, FloatBuffer out) {
            out.put(Float.intBitsToFloat(in.getShort() << 16));
        }
    };

    private final int ggufId;
    private final @Nullable String safetensorsName;
    private final int blockValues;
    private final int blockBytes;

    TensorType(int ggufId, @Nullable String safetensorsName, int blockValues, int blockBytes) {
        this.ggufId = ggufId;
        this.safetensorsName = safetensorsName;
        this.blockValues = blockValues;
        this.blockBytes = blockBytes;
    }

    /** Reads one block; the buffer is little-endian. */
    abstract void block(ByteBuffer in, FloatBuffer out);

    /** Bytes of so many values, or -1 if they do not fill blocks. */
    long bytes(long values) {
        return values % blockValues == 0
                ? Math.multiplyExact(values / blockValues, blockBytes)
                : -1;
    }

    void read(ByteBuffer in, long values, FloatBuffer out) {
        for (long i = 0; i < values; i += blockValues) {
            block(in, out);
        }
    }

    static @Nullable TensorType ofGguf(int id) {
        for (TensorType type : values()) {
            if (type.ggufId == id) {
                return type;
            }
        }
        return null;
    }

    static @Nullable TensorType ofSafetensors(String name) {
        for (TensorType type : values()) {
            if (name.equals(type.safetensorsName)) {
                return type;
            }
        }
        return null;
    }

    /** IEEE 754 binary16 to float32, exactly. */
    static float float16(short bits) {
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
        return bits < 0 ? -magnitude : magnitude;
    }
}
