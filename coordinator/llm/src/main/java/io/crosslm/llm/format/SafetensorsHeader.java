package io.crosslm.llm.format;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The beginning of a safetensors file that is written, up to the first tensor's data: 8 bytes of
 * length, a JSON object, and spaces up to a multiple of 8. Data follow in the order of {@link
 * #add}. Confined to one thread. Format: https://huggingface.co/docs/safetensors
 */
public final class SafetensorsHeader {
    private static final int ALIGNMENT = 8;

    private final JsonObject json = new JsonObject();
    private long dataBytes;

    /** A header without tensors, which tells that they are PyTorch's. */
    public SafetensorsHeader() {
        JsonObject metadata = new JsonObject();
        metadata.addProperty("format", "pt");
        json.add(Safetensors.METADATA, metadata);
    }

    /**
     * Adds a tensor.
     *
     * @param type as the format names it: F32, F16 or BF16
     * @param shape slowest first
     * @param bytes of its data
     */
    public void add(String name, String type, List<Long> shape, long bytes) {
        long start = dataBytes;
        dataBytes = Math.addExact(start, bytes);
        JsonObject info = new JsonObject();
        info.addProperty("dtype", type);
        info.add("shape", array(shape));
        info.add("data_offsets", array(List.of(start, dataBytes)));
        json.add(name, info);
    }

    private static JsonArray array(List<Long> values) {
        JsonArray array = new JsonArray();
        values.forEach(array::add);
        return array;
    }

    /** Of all tensors together. */
    public long dataBytes() {
        return dataBytes;
    }

    /** The header's bytes. */
    public byte[] toBytes() {
        byte[] text = json.toString().getBytes(StandardCharsets.UTF_8);
        int length = (text.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        ByteBuffer bytes = ByteBuffer.allocate(8 + length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(length).put(text);
        while (bytes.hasRemaining()) {
            bytes.put((byte) ' ');
        }
        return bytes.array();
    }
}
