package io.crosslm.llm.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.SmolLm2File;
import io.crosslm.llm.format.ModelFiles;
import io.crosslm.llm.format.TensorFile;
import io.crosslm.testkit.golden.FormulaModel;
import io.crosslm.testkit.golden.Goldens;
import io.crosslm.text.Tokenizer;
import io.crosslm.text.Tokenizer.ControlTokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ModelExportTest {
    private static final String TEXT = "The 12 quick brown foxes' den: 3 miles, <s> away!\n";
    private static final String LAYER = "model.layers.1.mlp.down_proj";

    @TempDir private Path folder;

    private Path base() {
        return FormulaModel.copyTo(create("base"));
    }

    private Path create(String name) {
        try {
            return Files.createDirectories(folder.resolve(name));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Adapter adapter(String layer, int in, int out) {
        float[] a = new float[in];
        float[] b = new float[out];
        for (int i = 0; i < in; i++) {
            a[i] = 0.01f * i;
        }
        for (int i = 0; i < out; i++) {
            b[i] = 1 - 0.02f * i;
        }
        return Adapter.of(1, 3, Map.of(layer, new Adapter.Matrices(in, out, a, b)));
    }

    @Test
    void toSafetensors_noAdapter_keepsEveryWeight() {
        Path written = folder.resolve("written");
        try (ModelFiles files = ModelFiles.open(base())) {
            ModelExport.of(files, Adapter.none()).toSafetensors(NumberType.F32, 1 << 30, written);
            try (ModelFiles again = ModelFiles.open(written)) {
                assertThat(again.configuration()).isEqualTo(files.configuration());
                assertThat(again.tensors().names()).isEqualTo(files.tensors().names());
                for (String name : files.tensors().names()) {
                    assertThat(again.tensors().read(name))
                            .containsExactly(files.tensors().read(name));
                }
            }
        }
    }

    @Test
    void toSafetensors_adapter_addsScaledProductOfBAndA() {
        Path written = folder.resolve("written");
        try (ModelFiles files = ModelFiles.open(base())) {
            Adapter adapter = adapter(LAYER, 48, 32);
            ModelExport.of(files, adapter).toSafetensors(NumberType.F32, 1 << 30, written);
            float[] before = files.tensors().read(LAYER + ".weight");
            try (ModelFiles again = ModelFiles.open(written)) {
                float[] after = again.tensors().read(LAYER + ".weight");
                int at = 5 * 48 + 7;
                double expected = before[at] + 3.0 * (1 - 0.02f * 5) * (0.01f * 7);
                assertThat(after[at]).isEqualTo((float) expected);
                assertThat(again.tensors().read("model.norm.weight"))
                        .containsExactly(files.tensors().read("model.norm.weight"));
            }
        }
    }

    @Test
    void toSafetensors_largerThanAShard_makesShardsWithAnIndex() throws IOException {
        Path written = folder.resolve("written");
        try (ModelFiles files = ModelFiles.open(base())) {
            ModelExport.of(files, Adapter.none()).toSafetensors(NumberType.BF16, 10_000, written);
        }

        assertThat(written.resolve("model.safetensors")).doesNotExist();
        JsonObject index = JsonOutput.read(written.resolve("model.safetensors.index.json"));
        assertThat(JsonOutput.object(index, "metadata").get("total_size").getAsLong())
                .isEqualTo(2 * 18_624);
        try (Stream<Path> all = Files.list(written)) {
            assertThat(all.filter(path -> path.toString().endsWith(".safetensors")))
                    .hasSize(4)
                    .allSatisfy(path -> assertThat(Files.size(path)).isLessThan(12_000));
        }
        try (ModelFiles again = ModelFiles.open(written)) {
            assertThat(again.tensors().read("model.norm.weight")).hasSize(32);
        }
    }

    @Test
    void toGguf_f16_isWithinItsPrecisionWithVectorsExact() {
        Path written = folder.resolve("written.gguf");
        try (ModelFiles files = ModelFiles.open(base())) {
            ModelExport.of(files, Adapter.none()).toGguf(NumberType.F16, written);
            try (ModelFiles again = ModelFiles.open(written)) {
                assertThat(again.tensors().names())
                        .containsExactlyInAnyOrderElementsOf(files.tensors().names());
                for (String name : files.tensors().names()) {
                    checkF16(again.tensors(), files.tensors(), name);
                }
            }
        }
    }

    private static void checkF16(TensorFile actual, TensorFile expected, String name) {
        float[] ours = actual.read(name);
        float[] theirs = expected.read(name);
        boolean vector = expected.shape(name).size() == 1;
        for (int i = 0; i < ours.length; i++) {
            float off = vector ? 0 : Math.max(0x1p-25f, Math.abs(theirs[i]) * 0x1p-11f);
            assertThat(Math.abs(ours[i] - theirs[i])).isLessThanOrEqualTo(off);
        }
    }

    @Test
    void toGguf_tokenizer_encodesAlike() {
        Path written = folder.resolve("written.gguf");
        try (ModelFiles files = ModelFiles.open(base())) {
            ModelExport.of(files, Adapter.none()).toGguf(NumberType.F16, written);
            checkTokenizers(files, written);
        }
    }

    @Test
    void toSafetensors_ofGguf_makesConfigurationAndTokenizer() {
        Path gguf = folder.resolve("written.gguf");
        Path again = folder.resolve("again");
        try (ModelFiles files = ModelFiles.open(base())) {
            ModelExport.of(files, Adapter.none()).toGguf(NumberType.F32, gguf);
        }
        try (ModelFiles files = ModelFiles.open(gguf)) {
            ModelExport.of(files, Adapter.none()).toSafetensors(NumberType.F32, 1 << 30, again);
            checkTokenizers(files, again);
        }
        try (ModelFiles one = ModelFiles.open(folder.resolve("base"));
                ModelFiles other = ModelFiles.open(again)) {
            assertThat(other.configuration()).isEqualTo(one.configuration());
        }
    }

    private static void checkTokenizers(ModelFiles files, Path written) {
        Tokenizer expected = files.tokenizer().orElseThrow();
        try (ModelFiles again = ModelFiles.open(written)) {
            Tokenizer actual = again.tokenizer().orElseThrow();
            for (ControlTokens control : ControlTokens.values()) {
                assertThat(actual.encode(TEXT, control)).isEqualTo(expected.encode(TEXT, control));
            }
        }
    }

    @Test
    void toSafetensors_smolLm2_keepsTokenizerAndChatTemplate() {
        Path written = folder.resolve("smollm2");
        try (ModelFiles files = ModelFiles.open(SmolLm2File.require())) {
            ModelExport.of(files, Adapter.none()).toSafetensors(NumberType.BF16, 1 << 30, written);
            checkTokenizers(files, written);
        }
        JsonObject settings = JsonOutput.read(written.resolve("tokenizer_config.json"));
        assertThat(JsonOutput.text(settings, "chat_template")).contains("<|im_start|>");
        assertThat(JsonOutput.text(settings, "eos_token")).isEqualTo("<|im_end|>");
        JsonObject config = JsonOutput.read(written.resolve("config.json"));
        assertThat(config.get("rms_norm_eps").getAsString()).isEqualTo("0.000010");
        assertThat(config.get("rope_theta").getAsDouble()).isEqualTo(100_000);
    }

    @Test
    void toGguf_llama3Scaling_writesFrequencyFactors() throws IOException {
        Path base = base();
        JsonObject config = JsonOutput.read(base.resolve("config.json"));
        JsonObject scaling = new JsonObject();
        scaling.addProperty("rope_type", "llama3");
        scaling.addProperty("factor", 8.0);
        scaling.addProperty("low_freq_factor", 1.0);
        scaling.addProperty("high_freq_factor", 4.0);
        scaling.addProperty("original_max_position_embeddings", 32);
        config.add("rope_scaling", scaling);
        Files.writeString(base.resolve("config.json"), config.toString());
        Path written = folder.resolve("written.gguf");
        try (ModelFiles files = ModelFiles.open(base)) {
            ModelExport.of(files, Adapter.none()).toGguf(NumberType.F32, written);
            try (io.crosslm.llm.format.GgufFile gguf =
                    io.crosslm.llm.format.GgufFile.open(written)) {
                float[] factors = gguf.read("rope_freqs.weight");
                assertThat(factors).hasSize(4);
                assertThat(factors[0]).isBetween(0.999f, 8f);
                assertThat(factors[3]).isCloseTo(8f, org.assertj.core.data.Offset.offset(1e-4f));
            }
        }
    }

    @Test
    void toGguf_slidingWindowShorterThanTheContext_isRefused() throws IOException {
        Path base = base();
        Path written = folder.resolve("written.gguf");
        try (ModelFiles files = ModelFiles.open(base)) {
            JsonObject config = JsonOutput.read(base.resolve("config.json"));
            config.addProperty("model_type", "mistral");
            config.addProperty("sliding_window", 16);
            Files.writeString(base.resolve("config.json"), config.toString());
            ModelExport export = ModelExport.of(files, Adapter.none());

            assertThatThrownBy(() -> export.toGguf(NumberType.F16, written))
                    .isInstanceOfSatisfying(
                            LanguageModelException.class,
                            e -> assertThat(e.code()).isEqualTo(Code.UNSUPPORTED_MODEL))
                    .hasMessageContaining("attends to 16 tokens");
        }
        assertThat(written).doesNotExist();
    }

    @Test
    void of_adapterOfAnotherModel_isRefused() {
        try (ModelFiles files = ModelFiles.open(base())) {
            assertThatThrownBy(() -> ModelExport.of(files, adapter(LAYER, 47, 32)))
                    .isInstanceOfSatisfying(
                            LanguageModelException.class,
                            e -> assertThat(e.code()).isEqualTo(Code.BAD_ADAPTER))
                    .hasMessageContaining("[32, 47]")
                    .hasMessageContaining("[32, 48]");
            assertThatThrownBy(
                            () ->
                                    ModelExport.of(
                                            files, adapter("model.layers.9.mlp.down_proj", 48, 32)))
                    .hasMessageContaining("no such layer");
        }
    }

    @Test
    void toGguf_valueTooLargeForF16_leavesNothing() {
        Path written = folder.resolve("written.gguf");
        try (ModelFiles files = ModelFiles.open(base())) {
            float[] a = new float[48];
            float[] b = new float[32];
            a[3] = 1000;
            b[2] = 1000;
            Adapter huge = Adapter.of(1, 1, Map.of(LAYER, new Adapter.Matrices(48, 32, a, b)));

            assertThatThrownBy(() -> ModelExport.of(files, huge).toGguf(NumberType.F16, written))
                    .hasMessageContaining(LAYER)
                    .hasMessageContaining("bf16");
        }
        assertThat(folder.resolve("written.gguf")).doesNotExist();
        assertThat(folder.resolve("written.gguf.part")).doesNotExist();
    }

    @Test
    void toSafetensors_targetIsThere_isNotTouched() throws IOException {
        Path there = Files.writeString(folder.resolve("there"), "mine");
        try (ModelFiles files = ModelFiles.open(base())) {
            ModelExport export = ModelExport.of(files, Adapter.none());

            assertThatThrownBy(() -> export.toSafetensors(NumberType.F32, 1 << 30, there))
                    .isInstanceOfSatisfying(
                            LanguageModelException.class,
                            e -> assertThat(e.code()).isEqualTo(Code.STORAGE));
        }
        assertThat(there).hasContent("mine");
    }

    @Test
    void toSafetensors_leftOfAnEarlierExport_isReplaced() throws IOException {
        Path part = create("written.part");
        Files.writeString(part.resolve("old"), "half");
        Path written = folder.resolve("written");
        try (ModelFiles files = ModelFiles.open(base())) {
            ModelExport.of(files, Adapter.none()).toSafetensors(NumberType.F32, 1 << 30, written);
        }
        assertThat(written.resolve("old")).doesNotExist();
        assertThat(part).doesNotExist();
    }

    @Test
    void checkRoom_diskTooSmall_saysNeedAndHave() {
        assertThatThrownBy(() -> Unfinished.checkRoom(Path.of("/x/model"), 540_000_000, 12_300_000))
                .hasMessageContaining("LLM-1031")
                .hasMessageContaining("540.0 MB")
                .hasMessageContaining("12.3 MB");
    }

    @Test
    void toSafetensors_ofGgufWithSentencePieces_makesTheSameTokenizer() {
        Path gguf = Goldens.copy(folder, "formula-llama/llama-f32.gguf").resolve("llama-f32.gguf");
        Path written = folder.resolve("out");
        try (ModelFiles files = ModelFiles.open(gguf)) {
            ModelExport.of(files, Adapter.none()).toSafetensors(NumberType.F32, 1 << 30, written);
            try (ModelFiles again = ModelFiles.open(written)) {
                Tokenizer expected = files.tokenizer().orElseThrow();
                Tokenizer actual = again.tokenizer().orElseThrow();
                assertThat(actual.encode(TEXT, ControlTokens.READ))
                        .isNotEmpty()
                        .isEqualTo(expected.encode(TEXT, ControlTokens.READ));
                assertThat(actual.beginTokens()).isEqualTo(expected.beginTokens());
            }
        }
    }
}
