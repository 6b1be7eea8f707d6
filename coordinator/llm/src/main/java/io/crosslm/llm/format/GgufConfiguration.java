package io.crosslm.llm.format;

import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.format.ModelConfiguration.Attention;
import io.crosslm.llm.format.RotaryFrequencies.Rotary;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/** Reads a model's sizes and constants out of a GGUF file's metadata. */
final class GgufConfiguration {
    private static final List<String> ARCHITECTURES = List.of("llama", "qwen2", "qwen3");
    private static final String BEGIN = "tokenizer.ggml.bos_token_id";
    private static final String ROTARY_FACTORS = "rope_freqs.weight";
    private static final List<String> BIASES = List.of("attn_q", "attn_k", "attn_v");
    // What other models with these architectures have and the program has not.
    private static final List<String> FOREIGN =
            List.of(
                    "blk.0.attn_output.bias",
                    "blk.0.ffn_up.bias",
                    "blk.0.ffn_gate.bias",
                    "blk.0.ffn_down.bias",
                    "blk.0.ffn_gate_inp.weight",
                    "output.bias");

    private final GgufFile file;
    private final String architecture;

    private GgufConfiguration(GgufFile file) {
        this.file = file;
        architecture = file.text("general.architecture");
    }

    /**
     * Reads them.
     *
     * @throws LanguageModelException if they are malformed or of another architecture
     */
    static ModelConfiguration read(GgufFile file) {
        return new GgufConfiguration(file).read();
    }

    private ModelConfiguration read() {
        if (!ARCHITECTURES.contains(architecture)) {
            throw unsupported(
                    "general.architecture is "
                            + architecture
                            + "; "
                            + String.join(", ", ARCHITECTURES)
                            + " can be read");
        }
        if (integer("expert_count", 0) > 0) {
            throw unsupported("it is a mixture of experts");
        }
        for (String tensor : FOREIGN) {
            if (file.names().contains(tensor)) {
                throw unsupported("it has a tensor " + tensor);
            }
        }
        int headCount = integer("attention.head_count");
        int embeddingSize = integer("embedding_length");
        int headSize = integer("attention.key_length", embeddingSize / Math.max(1, headCount));
        if (integer("rope.dimension_count", headSize) != headSize) {
            throw unsupported("its rotary embedding turns only a part of a head");
        }
        try {
            Rotary rotary = rotary(headSize);
            return new ModelConfiguration(
                    Math.toIntExact(file.shape("token_embd.weight").get(0)),
                    embeddingSize,
                    integer("feed_forward_length"),
                    integer("block_count"),
                    headCount,
                    integer("attention.head_count_kv", headCount),
                    headSize,
                    integer("context_length"),
                    file.number(key("attention.layer_norm_rms_epsilon")),
                    rotary.frequencies(),
                    !file.names().contains("output.weight"),
                    file.has(BEGIN) ? OptionalInt.of(file.integer(BEGIN)) : OptionalInt.empty(),
                    endTokens(),
                    attention(rotary.magnitude()));
        } catch (ArithmeticException | IllegalArgumentException e) {
            throw new LanguageModelException(
                    Code.MALFORMED_FILE, file.path() + ": " + e.getMessage(), e);
        }
    }

    private Attention attention(double rotaryMagnitude) {
        long biases =
                BIASES.stream().filter(n -> file.names().contains("blk.0." + n + ".bias")).count();
        if (biases > 0 && (biases < BIASES.size() || architecture.equals("llama"))) {
            throw unsupported("it has biases that are not Qwen2's");
        }
        return new Attention(
                biases > 0,
                file.names().contains("blk.0.attn_q_norm.weight"),
                integer("attention.sliding_window", 0),
                0,
                rotaryMagnitude);
    }

    private Rotary rotary(int headSize) {
        double theta = number("rope.freq_base", 10000);
        List<Float> plain = RotaryFrequencies.plain(theta, headSize);
        // As llama.cpp does it: linear where nothing is said, and no factor where it is none.
        String type =
                file.has(key("rope.scaling.type")) ? file.text(key("rope.scaling.type")) : "linear";
        double factor =
                type.equals("none")
                        ? 1
                        : number("rope.scaling.factor", number("rope.scale_linear", 1));
        boolean linear = type.equals("linear") || type.equals("none");
        if (file.names().contains(ROTARY_FACTORS)) {
            if (!linear || factor != 1) {
                throw unsupported("it has both " + ROTARY_FACTORS + " and another rope scaling");
            }
            if (!file.shape(ROTARY_FACTORS).equals(List.of((long) plain.size()))) {
                throw new IllegalArgumentException(
                        ROTARY_FACTORS + " has shape " + file.shape(ROTARY_FACTORS));
            }
            return new Rotary(RotaryFrequencies.divided(plain, file.read(ROTARY_FACTORS)), 1);
        }
        if (linear) {
            return new Rotary(RotaryFrequencies.linear(plain, factor), 1);
        }
        if (!type.equals("yarn") || number("rope.scaling.attn_factor", 1) != 1) {
            throw unsupported(
                    "rope.scaling.type is " + type + "; linear and plain yarn can be computed");
        }
        RotaryFrequencies.YarnScaling yarn =
                new RotaryFrequencies.YarnScaling(
                        factor,
                        number("rope.scaling.original_context_length", integer("context_length")),
                        number("rope.scaling.yarn_beta_fast", 32),
                        number("rope.scaling.yarn_beta_slow", 1));
        return new Rotary(
                RotaryFrequencies.yarn(plain, theta, yarn),
                RotaryFrequencies.yarnMagnitude(factor));
    }

    private List<Integer> endTokens() {
        Set<Integer> tokens = new LinkedHashSet<>();
        for (String key : List.of("tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id")) {
            if (file.has(key)) {
                tokens.add(file.integer(key));
            }
        }
        return List.copyOf(tokens);
    }

    private String key(String name) {
        return architecture + "." + name;
    }

    private int integer(String name) {
        return file.integer(key(name));
    }

    private int integer(String name, int otherwise) {
        return file.has(key(name)) ? file.integer(key(name)) : otherwise;
    }

    private double number(String name, double otherwise) {
        return file.has(key(name)) ? file.number(key(name)) : otherwise;
    }

    private LanguageModelException unsupported(String what) {
        return new LanguageModelException(Code.UNSUPPORTED_MODEL, file.path() + ": " + what);
    }
}
