package io.crosslm.llm.export;

import com.google.gson.JsonObject;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.format.ModelConfiguration;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes a GGUF file's metadata out of config.json and the tokenizer beside it. */
final class GgufDescription {
    // llama.cpp runs Mistral as llama.
    private static final Map<String, String> ARCHITECTURES =
            Map.of("llama", "llama", "mistral", "llama", "qwen2", "qwen2", "qwen3", "qwen3");
    private static final double PLAIN_THETA = 10000;

    private final Path folder;
    private final ModelConfiguration model;
    private final JsonObject config;
    private final String architecture;

    /**
     * The description of a model.
     *
     * @throws LanguageModelException UNSUPPORTED_MODEL if llama.cpp has it under no known name
     */
    GgufDescription(Path folder, ModelConfiguration model) {
        this.folder = folder;
        this.model = model;
        config = JsonOutput.read(folder.resolve("config.json"));
        String type = String.valueOf(JsonOutput.text(config, "model_type"));
        String found = ARCHITECTURES.get(type);
        if (found == null) {
            throw unsupported("model_type is " + type + "; llama, mistral, qwen2, qwen3 work");
        }
        architecture = found;
        checkWindow(type);
    }

    /** llama.cpp attends to all tokens in these architectures. */
    private void checkWindow(String type) {
        @Nullable Double window = JsonOutput.number(config, "sliding_window");
        boolean used = type.equals("mistral") || JsonOutput.isTrue(config, "use_sliding_window");
        if (used && window != null && window < model.contextLength()) {
            throw unsupported(
                    "a token attends to "
                            + window.intValue()
                            + " tokens before it, which cannot be said of this family");
        }
    }

    String architecture() {
        return architecture;
    }

    GgufEntries entries(String name) {
        GgufEntries entries = new GgufEntries();
        entries.text("general.architecture", architecture);
        entries.text("general.type", "model");
        entries.text("general.name", name);
        String p = architecture + ".";
        entries.unsigned(p + "vocab_size", model.vocabularySize());
        entries.unsigned(p + "context_length", model.contextLength());
        entries.unsigned(p + "embedding_length", model.embeddingSize());
        entries.unsigned(p + "block_count", model.layerCount());
        entries.unsigned(p + "feed_forward_length", model.feedForwardSize());
        entries.unsigned(p + "attention.head_count", model.headCount());
        entries.unsigned(p + "attention.head_count_kv", model.keyValueHeadCount());
        if (model.headSize() * model.headCount() != model.embeddingSize()) {
            entries.unsigned(p + "attention.key_length", model.headSize());
            entries.unsigned(p + "attention.value_length", model.headSize());
        }
        entries.unsigned(p + "rope.dimension_count", model.headSize());
        entries.number(p + "attention.layer_norm_rms_epsilon", model.normEpsilon());
        entries.number(p + "rope.freq_base", theta());
        if (scalingType().equals("linear")) {
            entries.text(p + "rope.scaling.type", "linear");
            entries.number(p + "rope.scaling.factor", factor());
        }
        new GgufTokenizer(folder).addTo(entries, model.vocabularySize());
        return entries;
    }

    /**
     * What the rotary embedding's plain frequencies are divided by, as Llama 3 has it; empty where
     * that is nothing or a setting says it.
     */
    float[] factors() {
        if (!scalingType().equals("llama3")) {
            return new float[0];
        }
        List<Float> scaled = model.inverseFrequencies();
        float[] factors = new float[scaled.size()];
        for (int i = 0; i < factors.length; i++) {
            double plain = Math.pow(theta(), -2.0 * i / model.headSize());
            factors[i] = (float) (plain / scaled.get(i));
        }
        return factors;
    }

    private String scalingType() {
        JsonObject scaling = scaling();
        String type = JsonOutput.text(scaling, "rope_type");
        String name = type == null ? JsonOutput.text(scaling, "type") : type;
        if (name == null || name.equals("default")) {
            return "none";
        }
        if (!name.equals("linear") && !name.equals("llama3")) {
            throw unsupported("rope_type is " + name + "; default, linear and llama3 work");
        }
        return name;
    }

    /** rope_scaling, or rope_parameters in newer files. */
    private JsonObject scaling() {
        JsonObject newer = JsonOutput.object(config, "rope_parameters");
        return newer.isEmpty() ? JsonOutput.object(config, "rope_scaling") : newer;
    }

    private double theta() {
        @Nullable Double newer = JsonOutput.number(scaling(), "rope_theta");
        @Nullable Double older = JsonOutput.number(config, "rope_theta");
        return newer != null ? newer : older != null ? older : PLAIN_THETA;
    }

    private double factor() {
        @Nullable Double factor = JsonOutput.number(scaling(), "factor");
        if (factor == null) {
            throw new LanguageModelException(
                    Code.MALFORMED_FILE,
                    folder.resolve("config.json") + ": rope_scaling has no factor");
        }
        return factor;
    }

    private LanguageModelException unsupported(String what) {
        return new LanguageModelException(
                Code.UNSUPPORTED_MODEL, folder.resolve("config.json") + ": " + what + " as GGUF");
    }
}
