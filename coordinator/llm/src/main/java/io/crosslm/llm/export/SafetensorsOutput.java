package io.crosslm.llm.export;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Writes model.safetensors, or where that would be larger than a limit, shards and their index.
 * Format: https://huggingface.co/docs/safetensors (8 bytes of length, JSON header, data).
 */
final class SafetensorsOutput {
    private static final int ALIGNMENT = 8;

    private final MergedTensors tensors;
    private final NumberType type;
    private final long shardBytes;

    /**
     * A writer.
     *
     * @param shardBytes most bytes of tensors in a file; one tensor always fits
     */
    SafetensorsOutput(MergedTensors tensors, NumberType type, long shardBytes) {
        this.tensors = tensors;
        this.type = type;
        this.shardBytes = shardBytes;
    }

    /** Bytes of all tensors. */
    long bytes() {
        return tensors.names().stream().mapToLong(this::bytes).sum();
    }

    private long bytes(String name) {
        return Math.multiplyExact(tensors.valueCount(name), type.bytes());
    }

    void write(Path folder) {
        List<List<String>> shards = shards();
        if (shards.size() == 1) {
            writeFile(folder.resolve("model.safetensors"), shards.get(0));
            return;
        }
        JsonObject map = new JsonObject();
        for (int i = 0; i < shards.size(); i++) {
            String file =
                    String.format(
                            Locale.ROOT, "model-%05d-of-%05d.safetensors", i + 1, shards.size());
            writeFile(folder.resolve(file), shards.get(i));
            shards.get(i).forEach(name -> map.addProperty(name, file));
        }
        JsonObject metadata = new JsonObject();
        metadata.addProperty("total_size", bytes());
        JsonObject index = new JsonObject();
        index.add("metadata", metadata);
        index.add("weight_map", map);
        JsonOutput.write(folder.resolve("model.safetensors.index.json"), index);
    }

    private List<List<String>> shards() {
        List<List<String>> shards = new ArrayList<>();
        List<String> shard = new ArrayList<>();
        long bytes = 0;
        for (String name : tensors.names()) {
            if (!shard.isEmpty() && bytes + bytes(name) > shardBytes) {
                shards.add(shard);
                shard = new ArrayList<>();
                bytes = 0;
            }
            shard.add(name);
            bytes += bytes(name);
        }
        shards.add(shard);
        return shards;
    }

    private void writeFile(Path file, List<String> names) {
        try (TensorOutput out = TensorOutput.create(file)) {
            out.write(header(names));
            for (String name : names) {
                out.tensor(tensors, name, type, 0);
            }
        }
    }

    private byte[] header(List<String> names) {
        JsonObject header = new JsonObject();
        JsonObject metadata = new JsonObject();
        metadata.addProperty("format", "pt");
        header.add("__metadata__", metadata);
        long end = 0;
        for (String name : names) {
            JsonObject info = new JsonObject();
            info.addProperty("dtype", type.safetensorsName());
            info.add("shape", array(tensors.shape(name)));
            info.add("data_offsets", array(List.of(end, end + bytes(name))));
            header.add(name, info);
            end += bytes(name);
        }
        byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
        int length = (json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        ByteBuffer bytes = ByteBuffer.allocate(8 + length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(length).put(json);
        while (bytes.hasRemaining()) {
            bytes.put((byte) ' ');
        }
        return bytes.array();
    }

    private static JsonArray array(List<Long> values) {
        JsonArray array = new JsonArray();
        values.forEach(array::add);
        return array;
    }
}
