package io.crosslm.llm.format;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How numbers are stored in a file; values come in blocks of equal size. */
enum TensorType {
    F32(0, "F32", 1, 4, PlainNumbers::float32),
    F16(1, "F16", 1, 2, PlainNumbers::float16),
    BF16(30, "BF16", 1, 2, PlainNumbers::bfloat16),
    Q4_0(2, null, 32, 18, SimpleBlocks::q40),
    Q4_1(3, null, 32, 20, SimpleBlocks::q41),
    Q5_0(6, null, 32, 22, SimpleBlocks::q50),
    Q5_1(7, null, 32, 24, SimpleBlocks::q51),
    Q8_0(8, null, 32, 34, SimpleBlocks::q80),
    Q4_K(12, null, 256, 144, SuperBlocks::q4k),
    Q5_K(13, null, 256, 176, SuperBlocks::q5k),
    Q6_K(14, null, 256, 210, SuperBlocks::q6k);

    // Small enough for the processor's cache.
    private static final int CHUNK_VALUES = 1 << 14;

    private final int ggufId;
    private final @Nullable String safetensorsName;
    private final int blockValues;
    private final int blockBytes;
    private final Decoding decoding;

    TensorType(
            int ggufId,
            @Nullable String safetensorsName,
            int blockValues,
            int blockBytes,
            Decoding decoding) {
        this.ggufId = ggufId;
        this.safetensorsName = safetensorsName;
        this.blockValues = blockValues;
        this.blockBytes = blockBytes;
        this.decoding = decoding;
    }

    /** Bytes of so many values, or -1 if they do not fill blocks. */
    long bytes(long values) {
        return values % blockValues == 0
                ? Math.multiplyExact(values / blockValues, blockBytes)
                : -1;
    }

    /** Reads values, which fill blocks; the buffer is little-endian. */
    void read(ByteBuffer in, long values, FloatBuffer out) {
        if (this == F32) {
            FloatBuffer floats = in.asFloatBuffer();
            floats.limit(Math.toIntExact(values));
            out.put(floats);
            return;
        }
        int most = (int) Math.min(CHUNK_VALUES, values);
        byte[] bytes = new byte[(int) bytes(most)];
        float[] floats = new float[most];
        for (long done = 0; done < values; done += most) {
            int count = (int) Math.min(most, values - done);
            in.get(bytes, 0, (int) bytes(count));
            decoding.blocks(bytes, count / blockValues, floats);
            out.put(floats, 0, count);
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

    /** Names of all types that GGUF files may have. */
    static String ggufNames() {
        return Arrays.stream(values()).map(Enum::name).collect(Collectors.joining(", "));
    }

    static @Nullable TensorType ofSafetensors(String name) {
        for (TensorType type : values()) {
            if (name.equals(type.safetensorsName)) {
                return type;
            }
        }
        return null;
    }

    /** Turns blocks, from the first byte on, into values, from the first on. */
    private interface Decoding {
        void blocks(byte[] in, int blocks, float[] out);
    }
}
