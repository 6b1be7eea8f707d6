package io.crosslm.llm.export;

import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a GGUF file of version 3: magic, counts, metadata, tensor infos, then the tensors, each at
 * a multiple of 32. Matrices have the chosen type, vectors float32, as llama.cpp expects them.
 * Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */
final class GgufOutput {
    private static final int MAGIC = 0x46554747;
    private static final int VERSION = 3;
    private static final int ALIGNMENT = 32;
    private static final String FACTORS = "rope_freqs.weight";

    private final MergedTensors tensors;
    private final NumberType type;
    private final int headSize;
    private final float[] factors;

    /**
     * A writer.
     *
     * @param headSize of heads whose halves are to be interleaved in q and k; 0 keeps their order
     * @param factors that divide the rotary embedding's frequencies; none if empty
     */
    GgufOutput(MergedTensors tensors, NumberType type, int headSize, float[] factors) {
        this.tensors = tensors;
        this.type = type;
        this.headSize = headSize;
        this.factors = factors.clone();
    }

    /**
     * Bytes of the tensors.
     *
     * @throws LanguageModelException UNSUPPORTED_MODEL if llama.cpp has no name for one
     */
    long bytes() {
        long bytes = aligned(4L * factors.length);
        for (String name : tensors.names()) {
            fileName(name);
            bytes += aligned(bytes(name));
        }
        return bytes;
    }

    void write(Path file, GgufEntries entries) {
        List<byte[]> infos = infos();
        try (TensorOutput out = TensorOutput.create(file)) {
            ByteBuffer head = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
            head.putInt(MAGIC).putInt(VERSION).putLong(infos.size()).putLong(entries.count());
            out.write(head.array());
            out.write(entries.toBytes());
            infos.forEach(out::write);
            out.align(ALIGNMENT);
            if (factors.length > 0) {
                ByteBuffer bytes = ByteBuffer.allocate(4 * factors.length);
                bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(factors);
                out.write(bytes.array());
                out.align(ALIGNMENT);
            }
            for (String name : tensors.names()) {
                out.tensor(tensors, name, type(name), GgufNames.isRotated(name) ? headSize : 0);
                out.align(ALIGNMENT);
            }
        }
    }

    private List<byte[]> infos() {
        List<byte[]> infos = new ArrayList<>();
        long offset = 0;
        if (factors.length > 0) {
            infos.add(info(FACTORS, List.of((long) factors.length), NumberType.F32, offset));
            offset += aligned(4L * factors.length);
        }
        for (String name : tensors.names()) {
            infos.add(info(fileName(name), tensors.shape(name), type(name), offset));
            offset += aligned(bytes(name));
        }
        return infos;
    }

    private static byte[] info(String name, List<Long> shape, NumberType type, long offset) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        ByteBuffer info =
                ByteBuffer.allocate(8 + bytes.length + 4 + 8 * shape.size() + 12)
                        .order(ByteOrder.LITTLE_ENDIAN);
        info.putLong(bytes.length).put(bytes).putInt(shape.size());
        for (int d = shape.size() - 1; d >= 0; d--) {
            // The file has the fastest dimension first.
            info.putLong(shape.get(d));
        }
        return info.putInt(type.ggufType()).putLong(offset).array();
    }

    private static String fileName(String name) {
        return GgufNames.of(name)
                .orElseThrow(
                        () ->
                                new LanguageModelException(
                                        Code.UNSUPPORTED_MODEL,
                                        "GGUF has no name for the tensor "
                                                + name
                                                + "; export as safetensors"));
    }

    private NumberType type(String name) {
        return tensors.shape(name).size() == 1 ? NumberType.F32 : type;
    }

    private long bytes(String name) {
        return Math.multiplyExact(tensors.valueCount(name), type(name).bytes());
    }

    private static long aligned(long bytes) {
        return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
}
