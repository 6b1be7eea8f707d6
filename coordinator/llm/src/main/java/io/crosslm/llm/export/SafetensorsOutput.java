package io.crosslm.llm.export;

import com.google.gson.JsonObject;
import io.crosslm.llm.format.SafetensorsHeader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Writes model.safetensors, or where that would be larger than a limit, shards and their index. */
final class SafetensorsOutput {
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
        SafetensorsHeader header = new SafetensorsHeader();
        for (String name : names) {
            header.add(name, type.safetensorsName(), tensors.shape(name), bytes(name));
        }
        return header.toBytes();
    }
}
