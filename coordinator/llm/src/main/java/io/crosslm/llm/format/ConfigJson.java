package io.crosslm.llm.format;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads Hugging Face's config.json of Llama-type decoders. */
public final class ConfigJson {
    private final Path path;
    private final JsonObject root;

    private ConfigJson(Path path, JsonObject root) {
        this.path = path;
        this.root = root;
    }

    /**
     * Reads a file.
     *
     * @throws LanguageModelException if it is malformed or not of the Llama family
     */
    public static ModelConfiguration read(Path path) {
        return of(path, JsonFile.read(path));
    }

    /** Reads an object; the path is for messages. */
    static ModelConfiguration of(Path path, JsonObject root) {
        return new ConfigJson(path, root).configuration();
    }

    private ModelConfiguration configuration() {
        String type = JsonFile.text(path, "model_type", root.get("model_type"));
        if (!type.equals("llama")) {
            throw unsupported("model_type is " + type + "; llama can be read");
        }
        String activation =
                root.has("hidden_act")
                        ? JsonFile.text(path, "hidden_act", root.get("hidden_act"))
                        : "silu";
        if (!activation.equals("silu")) {
            throw unsupported("hidden_act is " + activation + "; silu can be computed");
        }
        if (flag("attention_bias") || flag("mlp_bias")) {
            throw unsupported("it has biases");
        }
        int headCount = integer("num_attention_heads");
        int embeddingSize = integer("hidden_size");
        int headSize =
                JsonFile.optional(root, "head_dim") != null
                        ? integer("head_dim")
                        : embeddingSize / Math.max(1, headCount);
        try {
            return new ModelConfiguration(
                    integer("vocab_size"),
                    embeddingSize,
                    integer("intermediate_size"),
                    integer("num_hidden_layers"),
                    headCount,
                    JsonFile.optional(root, "num_key_value_heads") != null
                            ? integer("num_key_value_heads")
                            : headCount,
                    headSize,
                    integer("max_position_embeddings"),
                    JsonFile.number(path, "rms_norm_eps", root.get("rms_norm_eps")),
                    frequencies(headSize),
                    flag("tie_word_embeddings"),
                    endTokens());
        } catch (IllegalArgumentException e) {
            throw new LanguageModelException(Code.MALFORMED_FILE, path + ": " + e.getMessage(), e);
        }
    }

    /** rope_theta and rope_scaling, or both in rope_parameters in newer files. */
    private List<Float> frequencies(int headSize) {
        JsonElement newer = JsonFile.optional(root, "rope_parameters");
        JsonElement older = JsonFile.optional(root, "rope_scaling");
        JsonObject parameters =
                newer != null ? JsonFile.object(path, "rope_parameters", newer) : root;
        double theta =
                JsonFile.optional(parameters, "rope_theta") == null
                        ? 10000
                        : JsonFile.number(path, "rope_theta", parameters.get("rope_theta"));
        List<Float> plain = RotaryFrequencies.plain(theta, headSize);
        JsonElement scaling = newer != null ? newer : older;
        if (scaling == null) {
            return plain;
        }
        JsonObject object = JsonFile.object(path, "rope_scaling", scaling);
        JsonElement type = object.has("rope_type") ? object.get("rope_type") : object.get("type");
        String name = type == null ? "default" : JsonFile.text(path, "rope_type", type);
        if (name.equals("default")) {
            return plain;
        }
        if (!name.equals("llama3")) {
            throw unsupported("rope_type is " + name + "; default and llama3 can be computed");
        }
        return RotaryFrequencies.llama3(
                plain,
                new RotaryFrequencies.Llama3Scaling(
                        member(object, "factor"),
                        member(object, "low_freq_factor"),
                        member(object, "high_freq_factor"),
                        member(object, "original_max_position_embeddings")));
    }

    private double member(JsonObject object, String name) {
        return JsonFile.number(path, name, object.get(name));
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
