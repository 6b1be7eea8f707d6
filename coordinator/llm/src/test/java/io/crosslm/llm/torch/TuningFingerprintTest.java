package io.crosslm.llm.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.llm.LoraSettings;
import io.crosslm.llm.ReplaySettings;
import io.crosslm.llm.TuningCheckpoints;
import io.crosslm.llm.TuningJob;
import io.crosslm.llm.TuningSettings;
import io.crosslm.llm.torch.TorchSettings.DataType;
import io.crosslm.testkit.golden.FormulaModel;
import io.crosslm.testkit.golden.Goldens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A job that was stopped goes on only where all is as it was: its file has the same name. */
final class TuningFingerprintTest {
    private static final TorchSettings ONE_THREAD = new TorchSettings(DataType.FP32, "cpu", 1);
    private static final String SECOND_SHARD = "model-00002-of-00002.safetensors";
    private static final TuningSettings SETTINGS =
            TuningSettings.defaults()
                    .withLora(LoraSettings.defaults().withRank(2, 4))
                    .withReplay(ReplaySettings.off());
    private static final TuningJob JOB = TuningJob.ofPairs(TuningTest.pairs(), SETTINGS, 7);

    @TempDir private Path folder;
    private Path model;
    private String name;

    @BeforeEach
    void stopAJob() throws IOException {
        model = FormulaModel.copyTo(folder.resolve("model"));
        name = checkpoint(model, ONE_THREAD);
    }

    /** Name of the file that the job leaves when it is stopped after a step. */
    private String checkpoint(Path opened, TorchSettings settings) throws IOException {
        Path checkpoints = Files.createTempDirectory(folder, "checkpoints");
        TuningCheckpoints everyStep = TuningCheckpoints.in(checkpoints, Duration.ZERO);
        try (TorchLanguageModel loaded = TorchLanguageModel.open(opened, settings)) {
            assertThatThrownBy(() -> loaded.tune(JOB, everyStep, (step, all, loss) -> false))
                    .hasMessageContaining("after step 1");
        }
        try (Stream<Path> files = Files.list(checkpoints)) {
            List<String> names =
                    files.map(file -> checkpoints.relativize(file).toString()).toList();
            assertThat(names).hasSize(1);
            return names.get(0);
        }
    }

    private static void replace(Path file, String from, String to) throws IOException {
        String text = Files.readString(file);
        assertThat(text).contains(from);
        Files.writeString(file, text.replace(from, to));
    }

    @Test
    void nothingChanged_isTheSameJob() throws IOException {
        assertThat(checkpoint(model, ONE_THREAD)).isEqualTo(name);
    }

    @Test
    void otherConfiguration_isAnotherJob() throws IOException {
        replace(model.resolve("config.json"), "10000.0", "20000.0");

        assertThat(checkpoint(model, ONE_THREAD)).isNotEqualTo(name);
    }

    @Test
    void otherIdsOfTheSameTexts_areAnotherJob() throws IOException {
        Path tokenizer = model.resolve("tokenizer.json");
        replace(tokenizer, "\"b\": 69", "\"b\": 70");
        replace(tokenizer, "\"c\": 70", "\"c\": 69");

        assertThat(checkpoint(model, ONE_THREAD)).isNotEqualTo(name);
    }

    @Test
    void otherThreads_areAnotherJob() throws IOException {
        TorchSettings twoThreads = new TorchSettings(DataType.FP32, "cpu", 2);

        assertThat(checkpoint(model, twoThreads)).isNotEqualTo(name);
    }

    @Test
    void otherPackedLayers_areAnotherJob() throws IOException {
        assertThat(checkpoint(model, ONE_THREAD.withPackedLayers(false))).isNotEqualTo(name);
    }

    @Test
    void otherSecondShard_isAnotherJob() throws IOException {
        Path shards = folder.resolve("shards");
        Goldens.copy(
                shards,
                "formula-llama/model-bf16/config.json",
                "formula-llama/model-bf16/model.safetensors.index.json",
                "formula-llama/model-bf16/model-00001-of-00002.safetensors",
                "formula-llama/model-bf16/" + SECOND_SHARD,
                "formula-llama/model/tokenizer.json");
        String before = checkpoint(shards, ONE_THREAD);
        byte[] bytes = Files.readAllBytes(shards.resolve(SECOND_SHARD));
        // The last weight's lowest bit.
        bytes[bytes.length - 2] ^= 1;
        Files.write(shards.resolve(SECOND_SHARD), bytes);

        assertThat(checkpoint(shards, ONE_THREAD)).isNotEqualTo(before);
    }
}
