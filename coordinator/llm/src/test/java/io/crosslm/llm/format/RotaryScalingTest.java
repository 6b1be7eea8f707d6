package io.crosslm.llm.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.crosslm.llm.FormulaModel;
import io.crosslm.llm.GgufWriter;
import io.crosslm.llm.LanguageModelException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Scaled rotary embeddings of heads of 16 values. The expected numbers are those of Transformers
 * 5.23.0, {@code ROPE_INIT_FUNCTIONS[type](LlamaConfig(...))}.
 */
final class RotaryScalingTest {
    private static final double[] LINEAR = {
        0.25, 0.079056941, 0.025, 0.0079056947, 0.0025, 0.00079056947, 0.00025, 7.9056947e-05
    };
    private static final double[] YARN = {
        1, 0.25693506, 0.0625, 0.013834965, 0.0025, 0.00079056947, 0.00025, 7.9056947e-05
    };

    @TempDir private Path folder;

    private static ModelConfiguration configuration(String scaling) {
        JsonObject config = FormulaModel.of("llama").config().deepCopy();
        config.addProperty("head_dim", 16);
        config.add("rope_scaling", JsonParser.parseString(scaling));
        return ConfigJson.of(Path.of("config.json"), config);
    }

    private static void check(ModelConfiguration actual, double[] expected, double magnitude) {
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual.inverseFrequencies().get(i).doubleValue())
                    .isCloseTo(expected[i], within(2e-7 * expected[i]));
        }
        assertThat(actual.attention().rotaryMagnitude()).isCloseTo(magnitude, within(1e-12));
    }

    @Test
    void read_linear_agreesWithTransformers() {
        check(configuration("{\"rope_type\": \"linear\", \"factor\": 4}"), LINEAR, 1);
    }

    @Test
    void read_olderFileThatSaysType_isRead() {
        check(configuration("{\"type\": \"linear\", \"factor\": 4}"), LINEAR, 1);
    }

    @Test
    void read_yarn_agreesWithTransformers() {
        check(
                configuration(
                        "{\"rope_type\": \"yarn\", \"factor\": 4,"
                                + " \"original_max_position_embeddings\": 256}"),
                YARN,
                1.138629436111989);
    }

    @Test
    void read_yarnWithAllParameters_agreesWithTransformers() {
        check(
                configuration(
                        "{\"rope_type\": \"yarn\", \"factor\": 2, \"beta_fast\": 16,"
                                + " \"beta_slow\": 2, \"attention_factor\": 0.75,"
                                + " \"original_max_position_embeddings\": 64}"),
                new double[] {
                    1, 0.23717082, 0.05, 0.015811389, 0.005, 0.0015811389, 0.0005, 0.00015811389
                },
                0.75);
    }

    @Test
    void read_otherScaling_isNamed() {
        assertThatThrownBy(() -> configuration("{\"rope_type\": \"longrope\", \"factor\": 4}"))
                .isInstanceOf(LanguageModelException.class)
                .hasMessageContaining("longrope");
    }

    private ModelConfiguration gguf(GgufWriter writer) {
        writer.text("general.architecture", "llama");
        writer.integer("llama.context_length", 1024);
        writer.integer("llama.embedding_length", 32);
        writer.integer("llama.block_count", 1);
        writer.integer("llama.feed_forward_length", 8);
        writer.integer("llama.attention.head_count", 2);
        writer.number("llama.attention.layer_norm_rms_epsilon", 1e-5);
        writer.tensor("token_embd.weight", new long[] {3, 32}, new float[96]);
        try (GgufFile file = GgufFile.open(writer.write(folder.resolve("rope.gguf")))) {
            return GgufConfiguration.read(file);
        }
    }

    @Test
    void read_ggufLinear_agrees() {
        GgufWriter writer = new GgufWriter();
        writer.text("llama.rope.scaling.type", "linear");
        writer.number("llama.rope.scaling.factor", 4);
        check(gguf(writer), LINEAR, 1);
    }

    @Test
    void read_ggufYarn_agrees() {
        GgufWriter writer = new GgufWriter();
        writer.text("llama.rope.scaling.type", "yarn");
        writer.number("llama.rope.scaling.factor", 4);
        writer.integer("llama.rope.scaling.original_context_length", 256);
        check(gguf(writer), YARN, 1.138629436111989);
    }

    /** What llama.cpp's converter writes for Llama 3: the plain frequency over the scaled one. */
    @Test
    void read_ggufFrequencyFactors_areLlama3s() {
        ModelConfiguration scaled =
                configuration(
                        "{\"rope_type\": \"llama3\", \"factor\": 8, \"low_freq_factor\": 1,"
                                + " \"high_freq_factor\": 4,"
                                + " \"original_max_position_embeddings\": 128}");
        List<Float> plain = RotaryFrequencies.plain(10000, 16);
        float[] factors = new float[8];
        for (int i = 0; i < 8; i++) {
            factors[i] = plain.get(i) / scaled.inverseFrequencies().get(i);
        }
        GgufWriter writer = new GgufWriter();
        writer.tensor("rope_freqs.weight", new long[] {8}, factors);
        double[] expected =
                scaled.inverseFrequencies().stream().mapToDouble(Float::doubleValue).toArray();
        assertThat(factors).contains(1f, 8f);
        check(gguf(writer), expected, 1);
    }
}
