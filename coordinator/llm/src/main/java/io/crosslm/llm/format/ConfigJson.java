package io.crosslm.llm.format;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.format.ModelConfiguration.Attention;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** Reads Hugging Face's config.json of decoders of the Llama, Mistral and Qwen families. */
public final class ConfigJson {
    private static final List<String> TYPES = List.of("llama", "mistral", "qwen2", "qwen3");
    // Transformers' values where a file leaves them out.
    private static final int DEFAULT_MAXIMUM_WINDOW_LAYERS = 28;
    private static final int DEFAULT_QWEN3_HEAD_SIZE = 128;

    private final Path path;
    private final JsonObject root;
    private final String type;

    private ConfigJson(Path path, JsonObject root) {
        this.path = path;
        this.root = root;
        type = JsonFile.text(path, "model_type", root.get("model_type"));
    }

    /**
     * Reads a file.
     *
     * @throws LanguageModelException if it is malformed or of another family
     */
    public static ModelConfiguration read(Path path) {
        return of(path, JsonFile.read(path));
    }

    /** Reads an object; the path is for messages. */
    static ModelConfiguration of(Path path, JsonObject root) {
        return new ConfigJson(path, root).configuration();
    }

    private ModelConfiguration configuration() {
        if (!TYPES.contains(type)) {
            throw unsupported(
                    "model_type is " + type + "; " + String.join(", ", TYPES) + " can be read");
        }
        String activation =
                root.has("hidden_act")
                        ? JsonFile.text(path, "hidden_act", root.get("hidden_act"))
                        : "silu";
        if (!activation.equals("silu")) {
            throw unsupported("hidden_act is " + activation + "; silu can be computed");
        }
        if (flag("attention_bias") || flag("mlp_bias")) {
            throw unsupported("it has biases; those of Qwen2's q, k and v can be read");
        }
        int headCount = integer("num_attention_heads");
        int embeddingSize = integer("hidden_size");
        int layerCount = integer("num_hidden_layers");
        int headSize =
                optionalInteger(
                        "head_dim",
                        type.equals("qwen3")
                                ? DEFAULT_QWEN3_HEAD_SIZE
                                : embeddingSize / Math.max(1, headCount));
        try {
            RotaryFrequencies.Rotary rotary = RotaryJson.read(path, root, headSize);
            return new ModelConfiguration(
                    integer("vocab_size"),
                    embeddingSize,
                    integer("intermediate_size"),
                    layerCount,
                    headCount,
                    optionalInteger("num_key_value_heads", headCount),
                    headSize,
                    integer("max_position_embeddings"),
                    JsonFile.number(path, "rms_norm_eps", root.get("rms_norm_eps")),
                    rotary.frequencies(),
                    flag("tie_word_embeddings"),
                    JsonFile.optional(root, "bos_token_id") == null
                            ? OptionalInt.empty()
                            : OptionalInt.of(integer("bos_token_id")),
                    endTokens(),
                    attention(layerCount, rotary.magnitude()));
        } catch (IllegalArgumentException e) {
            throw new LanguageModelException(Code.MALFORMED_FILE, path + ": " + e.getMessage(), e);
        }
    }

    private Attention attention(int layerCount, double rotaryMagnitude) {
        int window = optionalInteger("sliding_window", 0);
        switch (type) {
            case "mistral":
                return new Attention(false, false, window, 0, rotaryMagnitude);
            case "qwen2":
            case "qwen3":
                boolean used = flag("use_sliding_window") && window > 0;
                return new Attention(
                        type.equals("qwen2"),
                        type.equals("qwen3"),
                        used ? window : 0,
                        used ? firstWindowedLayer(layerCount) : 0,
                        rotaryMagnitude);
            default:
                return new Attention(false, false, 0, 0, rotaryMagnitude);
        }
    }

    /** Newer files list each layer's kind, older ones say how many layers have no window. */
    private int firstWindowedLayer(int layerCount) {
        JsonElement kinds = JsonFile.optional(root, "layer_types");
        if (kinds == null) {
            return optionalInteger("max_window_layers", DEFAULT_MAXIMUM_WINDOW_LAYERS);
        }
        JsonArray array = JsonFile.array(path, "layer_types", kinds);
        int first = layerCount;
        for (int layer = array.size() - 1; layer >= 0; layer--) {
            String kind = JsonFile.text(path, "layer_types", array.get(layer));
            if (kind.equals("sliding_attention") && first == layer + 1) {
                first = layer;
            } else if (!kind.equals("full_attention")) {
                throw unsupported(
                        "layer_types mixes "
                                + kind
                                + " with others; full_attention, then sliding_attention, can be"
                                + " computed");
            }
        }
        return first;
    }

    private List<Integer> endTokens() {
        List<Integer> tokens = new ArrayList<>();
        JsonElement end = JsonFile.optional(root, "eos_token_id");
        if (end != null && end.isJsonArray()) {
            for (JsonElement token : end.getAsJsonArray()) {
                tokens.add((int) JsonFile.number(path, "eos_token_id", token));
            }
        } else if (end != null) {
            tokens.add((int) JsonFile.number(path, "eos_token_id", end));
        }
        return tokens;
    }

    private int integer(String name) {
        double value = JsonFile.number(path, name, root.get(name));
        if (value != Math.rint(value) || Math.abs(value) > Integer.MAX_VALUE) {
            throw JsonFile.wrong(path, name, "an integer");
        }
        return (int) value;
    }

    private int optionalInteger(String name, int otherwise) {
        return JsonFile.optional(root, name) == null ? otherwise : integer(name);
    }

    private boolean flag(String name) {
        JsonElement value = JsonFile.optional(root, name);
        if (value == null) {
            return false;
        }
        if (!value.isJsonPrimitive() || !value.getAsJsonPrimitive().isBoolean()) {
            throw JsonFile.wrong(path, name, "true or false");
        }
        return value.getAsBoolean();
    }

    private LanguageModelException unsupported(String what) {
        return new LanguageModelException(Code.UNSUPPORTED_MODEL, path + ": " + what);
    }
}
