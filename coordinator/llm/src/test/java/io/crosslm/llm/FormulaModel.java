package io.crosslm.llm;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.crosslm.llm.format.SafetensorsHeader;
import io.crosslm.testkit.golden.Goldens;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes the models whose weights are formulas: {@code formula-llama/*.json} says which. */
public final class FormulaModel {
    private static final double INDEX_STEP = 0.31;

    private final JsonObject golden;

    private FormulaModel(JsonObject golden) {
        this.golden = golden;
    }

    /** The variant of this name: llama, untied, llama3-rope, mistral, qwen2 or qwen3. */
    public static FormulaModel of(String variant) {
        return new FormulaModel(Goldens.json("formula-llama/" + variant + ".json"));
    }

    public JsonObject config() {
        return golden.getAsJsonObject("config");
    }

    /** Shapes by name. */
    public Map<String, long[]> shapes() {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        for (Map.Entry<String, JsonElement> entry : golden.getAsJsonObject("weights").entrySet()) {
            int[] shape = Goldens.ids(entry.getValue().getAsJsonObject().get("shape"));
            shapes.put(
                    entry.getKey(),
                    shape.length == 1 ? new long[] {shape[0]} : new long[] {shape[0], shape[1]});
        }
        return shapes;
    }

    /** A weight's values; the hash beside its formula proves them. */
    public float[] values(String name) {
        JsonObject weight = golden.getAsJsonObject("weights").getAsJsonObject(name);
        long[] shape = shapes().get(name);
        int rows = shape.length == 1 ? 1 : (int) shape[0];
        int columns = (int) shape[shape.length - 1];
        double amplitude = weight.get("amplitude").getAsDouble();
        double phase = INDEX_STEP * weight.get("index").getAsInt();
        double offset = weight.get("formula").getAsString().equals("normScale") ? 1 : 0;
        float[] values = new float[rows * columns];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                double angle = 1.0 + 0.7 * i + 0.13 * j + 0.37 * i * j + phase;
                values[i * columns + j] = (float) (amplitude * Math.sin(angle) + offset);
            }
        }
        String hash = Goldens.sha256(values);
        if (!hash.equals(weight.get("sha256").getAsString())) {
            throw new AssertionError(name + " is not what its formula should give");
        }
        return values;
    }

    /** Writes config.json and model.safetensors into the folder and returns it. */
    public Path writeFolder(Path folder) {
        SafetensorsHeader header = new SafetensorsHeader();
        shapes().forEach(
                        (name, shape) -> {
                            List<Long> sizes = Arrays.stream(shape).boxed().toList();
                            long count = sizes.stream().reduce(1L, Math::multiplyExact);
                            header.add(name, "F32", sizes, Float.BYTES * count);
                        });
        byte[] start = header.toBytes();
        ByteBuffer file =
                ByteBuffer.allocate(start.length + (int) header.dataBytes())
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .put(start);
        for (String name : shapes().keySet()) {
            for (float value : values(name)) {
                file.putFloat(value);
            }
        }
        try {
            Files.createDirectories(folder);
            Files.write(folder.resolve("model.safetensors"), file.array());
            Files.writeString(folder.resolve("config.json"), config().toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return folder;
    }

    /** Writes a GGUF file as llama.cpp's converter would, all F32, and returns it. */
    public Path writeGguf(Path path) {
        JsonObject config = config();
        String type = config.get("model_type").getAsString();
        String architecture = type.equals("mistral") ? "llama" : type;
        GgufWriter writer = new GgufWriter();
        writer.text("general.architecture", architecture);
        writer.integer(architecture + ".context_length", integer("max_position_embeddings"));
        writer.integer(architecture + ".embedding_length", integer("hidden_size"));
        writer.integer(architecture + ".block_count", integer("num_hidden_layers"));
        writer.integer(architecture + ".feed_forward_length", integer("intermediate_size"));
        writer.integer(architecture + ".attention.head_count", integer("num_attention_heads"));
        writer.integer(architecture + ".attention.head_count_kv", integer("num_key_value_heads"));
        writer.number(
                architecture + ".attention.layer_norm_rms_epsilon",
                config.get("rms_norm_eps").getAsDouble());
        writer.number(architecture + ".rope.freq_base", config.get("rope_theta").getAsDouble());
        if (config.has("head_dim")) {
            writer.integer(architecture + ".attention.key_length", integer("head_dim"));
        }
        if (type.equals("mistral")) {
            writer.integer(architecture + ".attention.sliding_window", integer("sliding_window"));
        }
        for (Map.Entry<String, long[]> entry : shapes().entrySet()) {
            String name = entry.getKey();
            float[] values = values(name);
            boolean halved =
                    architecture.equals("llama")
                            && (name.contains("q_proj") || name.contains("k_proj"));
            writer.tensor(ggufName(name), entry.getValue(), halved ? neighboured(values) : values);
        }
        return writer.write(path);
    }

    private int integer(String name) {
        return config().get(name).getAsInt();
    }

    /** Rows of heads in llama.cpp's order: i and i + D/2 become neighbours. */
    private float[] neighboured(float[] values) {
        int headSize = integer("hidden_size") / integer("num_attention_heads");
        int columns = integer("hidden_size");
        float[] moved = new float[values.length];
        for (int row = 0; row < values.length / columns; row++) {
            int inHead = row % headSize;
            int half = headSize / 2;
            int to = row - inHead + (inHead < half ? 2 * inHead : 2 * (inHead - half) + 1);
            System.arraycopy(values, row * columns, moved, to * columns, columns);
        }
        return moved;
    }

    private static String ggufName(String name) {
        return name.replace("model.layers.", "blk.")
                .replace("model.embed_tokens", "token_embd")
                .replace("model.norm", "output_norm")
                .replace("lm_head", "output")
                .replace("input_layernorm", "attn_norm")
                .replace("post_attention_layernorm", "ffn_norm")
                .replace("self_attn.q_proj", "attn_q")
                .replace("self_attn.k_proj", "attn_k")
                .replace("self_attn.v_proj", "attn_v")
                .replace("self_attn.o_proj", "attn_output")
                .replace("self_attn.q_norm", "attn_q_norm")
                .replace("self_attn.k_norm", "attn_k_norm")
                .replace("mlp.gate_proj", "ffn_gate")
                .replace("mlp.up_proj", "ffn_up")
                .replace("mlp.down_proj", "ffn_down");
    }
}
