package io.crosslm.llm.format;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.format.RotaryFrequencies.Rotary;
import java.nio.file.Path;
import java.util.List;

/**
 * Reads the rotary embedding out of config.json: rope_theta and rope_scaling, or both in
 * rope_parameters in newer files.
 */
final class RotaryJson {
    private final Path path;
    private final JsonObject root;
    private final JsonObject scaling;
    private final double theta;

    private RotaryJson(Path path, JsonObject root) {
        this.path = path;
        this.root = root;
        JsonElement newer = JsonFile.optional(root, "rope_parameters");
        JsonElement older = JsonFile.optional(root, "rope_scaling");
        JsonObject parameters =
                newer != null ? JsonFile.object(path, "rope_parameters", newer) : root;
        theta = number(parameters, "rope_theta", 10000);
        JsonElement found = newer != null ? newer : older;
        scaling = found == null ? new JsonObject() : JsonFile.object(path, "rope_scaling", found);
    }

    /**
     * Reads it.
     *
     * @throws IllegalArgumentException if a number is out of its range
     */
    static Rotary read(Path path, JsonObject root, int headSize) {
        return new RotaryJson(path, root).read(headSize);
    }

    private Rotary read(int headSize) {
        if (number(root, "partial_rotary_factor", 1) != 1) {
            throw unsupported("partial_rotary_factor is not 1");
        }
        List<Float> plain = RotaryFrequencies.plain(theta, headSize);
        JsonElement type =
                scaling.has("rope_type") ? scaling.get("rope_type") : scaling.get("type");
        String name = type == null ? "default" : JsonFile.text(path, "rope_type", type);
        switch (name) {
            case "default":
                return new Rotary(plain, 1);
            case "linear":
                return new Rotary(RotaryFrequencies.linear(plain, member("factor")), 1);
            case "llama3":
                return new Rotary(RotaryFrequencies.llama3(plain, llama3()), 1);
            case "yarn":
                return yarn(plain);
            default:
                throw unsupported(
                        "rope_type is "
                                + name
                                + "; default, linear, llama3 and yarn can be computed");
        }
    }

    private RotaryFrequencies.Llama3Scaling llama3() {
        return new RotaryFrequencies.Llama3Scaling(
                member("factor"),
                member("low_freq_factor"),
                member("high_freq_factor"),
                member("original_max_position_embeddings"));
    }

    private Rotary yarn(List<Float> plain) {
        for (String other : List.of("mscale", "mscale_all_dim")) {
            if (JsonFile.optional(scaling, other) != null) {
                throw unsupported("YaRN with " + other + " cannot be computed");
            }
        }
        if (scaling.has("truncate") && !scaling.get("truncate").toString().equals("true")) {
            throw unsupported("YaRN without truncate cannot be computed");
        }
        double factor = member("factor");
        double original =
                JsonFile.optional(scaling, "original_max_position_embeddings") != null
                        ? member("original_max_position_embeddings")
                        : JsonFile.number(
                                path,
                                "max_position_embeddings",
                                root.get("max_position_embeddings"));
        RotaryFrequencies.YarnScaling yarn =
                new RotaryFrequencies.YarnScaling(
                        factor,
                        original,
                        number(scaling, "beta_fast", 32),
                        number(scaling, "beta_slow", 1));
        return new Rotary(
                RotaryFrequencies.yarn(plain, theta, yarn),
                number(scaling, "attention_factor", RotaryFrequencies.yarnMagnitude(factor)));
    }

    private double member(String name) {
        return JsonFile.number(path, name, scaling.get(name));
    }

    private double number(JsonObject object, String name, double otherwise) {
        JsonElement value = JsonFile.optional(object, name);
        return value == null ? otherwise : JsonFile.number(path, name, value);
    }

    private LanguageModelException unsupported(String what) {
        return new LanguageModelException(Code.UNSUPPORTED_MODEL, path + ": " + what);
    }
}
