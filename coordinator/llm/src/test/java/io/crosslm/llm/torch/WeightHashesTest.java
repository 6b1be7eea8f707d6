package io.crosslm.llm.torch;

import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.llm.format.FileHash;
import io.crosslm.llm.format.ModelFiles;
import io.crosslm.testkit.golden.FormulaModel;
import io.crosslm.testkit.golden.Goldens;
import io.crosslm.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** By what a model is told from others. */
final class WeightHashesTest {
    private static final String SECOND_SHARD = "model-00002-of-00002.safetensors";
    private static final String OTHER_HASH = "0123456789abcdef".repeat(4);

    @TempDir private Path folder;

    private Path shards() {
        return Goldens.copy(
                folder.resolve("shards"),
                "formula-llama/model-bf16/config.json",
                "formula-llama/model-bf16/model.safetensors.index.json",
                "formula-llama/model-bf16/model-00001-of-00002.safetensors",
                "formula-llama/model-bf16/" + SECOND_SHARD,
                "formula-llama/model/tokenizer.json");
    }

    private static String described(Path model) {
        try (TorchLanguageModel opened = TorchLanguageModel.open(model, TorchSettings.defaults())) {
            return opened.description().sha256();
        }
    }

    private String described(Path model, RememberedHashes remembered) {
        try (ModelFiles files = ModelFiles.open(model)) {
            Tokenizer tokenizer = files.tokenizer().orElseThrow();
            try (TorchLanguageModel opened =
                    TorchLanguageModel.open(
                            files, tokenizer, TorchSettings.defaults(), remembered)) {
                return opened.description().sha256();
            }
        }
    }

    @Test
    void oneFile_isToldByItsOwnHash() {
        Path model = FormulaModel.copyTo(folder.resolve("model"));

        assertThat(described(model)).isEqualTo(FileHash.sha256(model.resolve("model.safetensors")));
    }

    /** As {@code sha256sum model-*.safetensors | sha256sum} prints it. */
    @Test
    void shards_areToldByAllOfThem() {
        assertThat(described(shards()))
                .isEqualTo("ecdfad882ebfa7995d876b0c197da96f1bd10c290bf66d9490e304c25cf90103");
    }

    @Test
    void otherSecondShard_isAnotherModel() throws IOException {
        Path model = shards();
        String before = described(model);
        byte[] bytes = Files.readAllBytes(model.resolve(SECOND_SHARD));
        // The last weight's lowest bit.
        bytes[bytes.length - 2] ^= 1;
        Files.write(model.resolve(SECOND_SHARD), bytes);

        assertThat(described(model)).isNotEqualTo(before);
    }

    @Test
    void openedAgain_rememberedShardsAreNotReadForTheirHashes() throws IOException {
        Path model = shards();
        Clock later = Clock.offset(Clock.systemUTC(), Duration.ofHours(1));
        Path kept = folder.resolve("hashes");
        RememberedHashes remembered = new RememberedHashes(kept, 1, later);
        String first = described(model, remembered);
        assertThat(first).isEqualTo(described(model));
        RememberedHashesTest.replaceKept(kept, OTHER_HASH);

        assertThat(described(model, remembered))
                .isEqualTo(
                        FileHash.ofText(
                                OTHER_HASH
                                        + "  model-00001-of-00002.safetensors\n"
                                        + OTHER_HASH
                                        + "  model-00002-of-00002.safetensors\n"));
        try (Stream<Path> files = Files.list(kept)) {
            assertThat(files).hasSize(2);
        }
    }
}
