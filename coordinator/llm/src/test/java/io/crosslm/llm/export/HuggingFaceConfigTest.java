package io.crosslm.llm.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.GgufWriter;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.format.ModelConfiguration;
import io.crosslm.llm.format.ModelFiles;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read out of the exported folder must be what was read out of the GGUF file. */
final class HuggingFaceConfigTest {
    private final GgufWriter writer = new GgufWriter();

    @TempDir private Path folder;
    private Path gguf;
    private Path written;

    @BeforeEach
    void namePaths() {
        gguf = folder.resolve("model.gguf");
        written = folder.resolve("written");
    }

    private void writeGguf(String architecture) {
        writer.text("general.architecture", architecture);
        writer.integer(architecture + ".context_length", 1024);
        writer.integer(architecture + ".embedding_length", 32);
        writer.integer(architecture + ".block_count", 1);
        writer.integer(architecture + ".feed_forward_length", 8);
        writer.integer(architecture + ".attention.head_count", 2);
        writer.number(architecture + ".attention.layer_norm_rms_epsilon", 1e-5);
        writer.tensor("token_embd.weight", new long[] {3, 32}, new float[96]);
        writer.write(gguf);
    }

    private void addBiases() {
        for (String part : new String[] {"q", "k", "v"}) {
            writer.tensor("blk.0.attn_" + part + ".bias", new long[] {32}, new float[32]);
        }
    }

    /** Exports, compares and gives config.json. */
    private JsonObject exported() {
        try (ModelFiles files = ModelFiles.open(gguf)) {
            ModelExport.of(files, Adapter.none()).toSafetensors(NumberType.F32, 1 << 30, written);
            try (ModelFiles again = ModelFiles.open(written)) {
                ModelConfiguration expected = files.configuration();
                assertThat(again.configuration().inverseFrequencies())
                        .isEqualTo(expected.inverseFrequencies());
                assertThat(again.configuration().attention()).isEqualTo(expected.attention());
            }
        }
        return JsonOutput.read(written.resolve("config.json"));
    }

    private static double factor(JsonObject config) {
        return config.getAsJsonObject("rope_scaling").get("factor").getAsDouble();
    }

    @Test
    void toSafetensors_linearScalingOfTheOldKeyAlone_isWritten() {
        writer.number("llama.rope.scale_linear", 4);
        writeGguf("llama");

        assertThat(factor(exported())).isEqualTo(4);
    }

    @Test
    void toSafetensors_linearScalingWithTheFactorInTheOldKey_isWritten() {
        writer.text("llama.rope.scaling.type", "linear");
        writer.number("llama.rope.scale_linear", 2.5);
        writeGguf("llama");

        assertThat(factor(exported())).isEqualTo(2.5);
    }

    @Test
    void toSafetensors_scalingNone_isNotScaledAsInLlamaCpp() {
        writer.text("llama.rope.scaling.type", "none");
        writer.number("llama.rope.scaling.factor", 4);
        writeGguf("llama");

        JsonObject config = exported();

        assertThat(config.get("rope_scaling").isJsonNull()).isTrue();
        try (ModelFiles files = ModelFiles.open(gguf)) {
            assertThat(files.configuration().inverseFrequencies().get(0)).isEqualTo(1f);
        }
    }

    @Test
    void toSafetensors_llamaWithAWindow_isMistral() {
        writer.integer("llama.attention.sliding_window", 128);
        writeGguf("llama");

        JsonObject config = exported();

        assertThat(config.get("model_type").getAsString()).isEqualTo("mistral");
        assertThat(config.get("architectures").toString()).isEqualTo("[\"MistralForCausalLM\"]");
        assertThat(config.get("sliding_window").getAsInt()).isEqualTo(128);
    }

    @Test
    void toSafetensors_llamaWithoutAWindow_isLlama() {
        writeGguf("llama");

        assertThat(exported().get("model_type").getAsString()).isEqualTo("llama");
    }

    @Test
    void toSafetensors_qwenWithAWindow_usesItInAllLayers() {
        writer.integer("qwen2.attention.sliding_window", 128);
        addBiases();
        writeGguf("qwen2");

        JsonObject config = exported();

        assertThat(config.get("use_sliding_window").getAsBoolean()).isTrue();
        assertThat(config.get("max_window_layers").getAsInt()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen2", "qwen3"})
    void toSafetensors_qwenWithoutWhatItsClassComputes_isRefused(String architecture) {
        writeGguf(architecture);

        assertRefused(architecture + " without biases of q, k and v and without norms of heads");
    }

    @Test
    void toSafetensors_qwen3WithBiases_isRefused() {
        addBiases();
        writeGguf("qwen3");

        assertRefused("qwen3 with biases");
    }

    @Test
    void toSafetensors_yarn_isRefused() {
        writer.text("llama.rope.scaling.type", "yarn");
        writer.number("llama.rope.scaling.factor", 4);
        writeGguf("llama");

        assertRefused("llama.rope.scaling.type is yarn");
    }

    @Test
    void open_frequencyFactorsAndAnotherScaling_isRefused() {
        writer.number("llama.rope.scale_linear", 4);
        float[] factors = {1, 1, 1, 1, 1, 1, 1, 8};
        writer.tensor("rope_freqs.weight", new long[] {8}, factors);
        writeGguf("llama");

        assertThatThrownBy(() -> ModelFiles.open(gguf))
                .hasMessageStartingWith("LLM-1002")
                .hasMessageContaining("rope_freqs.weight and another rope scaling");
    }

    private void assertRefused(String what) {
        try (ModelFiles files = ModelFiles.open(gguf)) {
            ModelExport export = ModelExport.of(files, Adapter.none());
            assertThatThrownBy(() -> export.toSafetensors(NumberType.F32, 1 << 30, written))
                    .isInstanceOfSatisfying(
                            LanguageModelException.class,
                            e -> assertThat(e.code()).isEqualTo(Code.UNSUPPORTED_MODEL))
                    .hasMessageContaining(what)
                    .hasMessageContaining("--format gguf");
        }
        assertThat(written).doesNotExist();
    }
}
