package io.crosslm.llm.export;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.format.GgufFile;
import io.crosslm.llm.format.ModelConfiguration;
import io.crosslm.llm.format.ModelConfiguration.Attention;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Makes config.json and generation_config.json out of a GGUF file's metadata. */
final class HuggingFaceConfig {
    private static final Map<String, String> CLASSES =
            Map.of(
                    "llama", "LlamaForCausalLM",
                    "mistral", "MistralForCausalLM",
                    "qwen2", "Qwen2ForCausalLM",
                    "qwen3", "Qwen3ForCausalLM");

    private final Path path;
    private final GgufFile gguf;
    private final ModelConfiguration model;
    private final String architecture;
    private final String family;

    HuggingFaceConfig(Path path, GgufFile gguf, ModelConfiguration model) {
        this.path = path;
        this.gguf = gguf;
        this.model = model;
        architecture = gguf.text("general.architecture");
        // Of Transformers' classes, Llama's has no window and Mistral's is Llama's with one.
        boolean windowed = architecture.equals("llama") && model.attention().window() > 0;
        family = windowed ? "mistral" : architecture;
    }

    JsonObject config(NumberType type) {
        String name = CLASSES.get(family);
        if (name == null) {
            throw unsupported(
                    "general.architecture is "
                            + architecture
                            + "; llama, qwen2 and qwen3 can be written"
                            + " as a Transformers folder");
        }
        if (gguf.names().contains("rope_freqs.weight")) {
            throw unsupported(
                    "it has frequency factors (rope_freqs.weight), from which config.json's"
                            + " rope_scaling does not follow; export --format gguf");
        }
        checkAttention();
        JsonArray architectures = new JsonArray();
        architectures.add(name);
        JsonObject json = new JsonObject();
        json.add("architectures", architectures);
        json.addProperty("model_type", family);
        json.addProperty("vocab_size", model.vocabularySize());
        json.addProperty("hidden_size", model.embeddingSize());
        json.addProperty("intermediate_size", model.feedForwardSize());
        json.addProperty("num_hidden_layers", model.layerCount());
        json.addProperty("num_attention_heads", model.headCount());
        json.addProperty("num_key_value_heads", model.keyValueHeadCount());
        json.addProperty("head_dim", model.headSize());
        json.addProperty("hidden_act", "silu");
        json.addProperty("max_position_embeddings", model.contextLength());
        json.addProperty("rms_norm_eps", decimal(model.normEpsilon()));
        json.addProperty("rope_theta", decimal(number("rope.freq_base", 10000)));
        json.add("rope_scaling", ropeScaling());
        addWindow(json);
        if (!family.equals("qwen2")) {
            json.addProperty("attention_bias", false);
            json.addProperty("mlp_bias", false);
        }
        json.addProperty("attention_dropout", 0.0);
        json.addProperty("initializer_range", 0.02);
        json.addProperty("tie_word_embeddings", model.tiedEmbeddings());
        json.addProperty("use_cache", true);
        addTokens(json);
        json.addProperty("torch_dtype", type.torchName());
        return json;
    }

    /** Transformers' class of a family has that family's biases and norms, whatever is there. */
    private void checkAttention() {
        Attention attention = model.attention();
        if (attention.bias() != family.equals("qwen2")
                || attention.headNorm() != family.equals("qwen3")) {
            throw unsupported(
                    "general.architecture is "
                            + architecture
                            + (attention.bias() ? " with" : " without")
                            + " biases of q, k and v and"
                            + (attention.headNorm() ? " with" : " without")
                            + " norms of heads, which Transformers' "
                            + CLASSES.get(family)
                            + " does not compute; export --format gguf");
        }
    }

    private void addWindow(JsonObject json) {
        Attention attention = model.attention();
        if (attention.window() == 0) {
            return;
        }
        json.addProperty("sliding_window", attention.window());
        if (!family.equals("mistral")) {
            json.addProperty("use_sliding_window", true);
            json.addProperty("max_window_layers", attention.firstWindowedLayer());
        }
    }

    JsonObject generationConfig() {
        JsonObject json = new JsonObject();
        addTokens(json);
        return json;
    }

    private void addTokens(JsonObject json) {
        addToken(json, "bos_token_id", "tokenizer.ggml.bos_token_id");
        List<Integer> ends = model.endTokens();
        if (ends.size() == 1) {
            json.addProperty("eos_token_id", ends.get(0));
        } else if (!ends.isEmpty()) {
            JsonArray array = new JsonArray();
            ends.forEach(array::add);
            json.add("eos_token_id", array);
        }
        addToken(json, "pad_token_id", "tokenizer.ggml.padding_token_id");
    }

    private void addToken(JsonObject json, String name, String key) {
        if (gguf.has(key)) {
            json.addProperty(name, gguf.integer(key));
        }
    }

    /** The factor is where the reader finds it; llama.cpp takes linear where nothing is said. */
    private JsonElement ropeScaling() {
        String key = architecture + ".rope.scaling.type";
        String type = gguf.has(key) ? gguf.text(key) : "linear";
        if (!type.equals("linear") && !type.equals("none")) {
            throw unsupported(
                    key
                            + " is "
                            + type
                            + "; none and linear can be written as a Transformers folder; export"
                            + " --format gguf");
        }
        double factor = number("rope.scaling.factor", number("rope.scale_linear", 1));
        if (type.equals("none") || factor == 1) {
            return JsonNull.INSTANCE;
        }
        JsonObject scaling = new JsonObject();
        scaling.addProperty("rope_type", "linear");
        scaling.addProperty("factor", factor);
        return scaling;
    }

    private double number(String name, double otherwise) {
        String key = architecture + "." + name;
        return gguf.has(key) ? gguf.number(key) : otherwise;
    }

    /** A float32 of the file in its shortest decimal form: 1.0E-5, not 9.999999747378752E-6. */
    private static BigDecimal decimal(double value) {
        return new BigDecimal(Float.toString((float) value));
    }

    private LanguageModelException unsupported(String what) {
        return new LanguageModelException(Code.UNSUPPORTED_MODEL, path + ": " + what);
    }
}
