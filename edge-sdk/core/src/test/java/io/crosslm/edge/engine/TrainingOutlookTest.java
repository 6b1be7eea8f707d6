package io.crosslm.edge.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.edge.model.LabelledText;
import io.crosslm.edge.model.ModelException;
import io.crosslm.edge.model.PrivateTraining;
import io.crosslm.edge.model.SoftLabelledText;
import io.crosslm.edge.model.TrainingData;
import io.crosslm.edge.model.TrainingEstimate;
import io.crosslm.edge.model.TrainingMemory;
import io.crosslm.edge.model.TrainingSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TrainingOutlookTest {
    private static final String MEMORY =
            ",\"memory\":{\"train\":{\"fixed\":1000,\"perRow\":100,\"perToken\":10,"
                    + "\"perTokenPair\":1}}";

    @TempDir Path directory;

    @Test
    void estimate_ofAPlainTraining_isOfItsLargestStepAndLongestText() throws IOException {
        TrainingEstimate estimate = estimate(MEMORY, new TrainingSettings(0.5, 3, 1));

        assertThat(estimate.steps()).isEqualTo(9); // 10 examples, 4 in a step, 3 epochs
        assertThat(estimate.rowsPerStep()).isEqualTo(6); // 2 of them from the pool
        assertThat(estimate.longestTokens()).isEqualTo(20);
        assertThat(estimate.memoryBytes()).hasValue(1000 + 6 * (100 + 20 * 10 + 20 * 20));
    }

    @Test
    void estimate_ofAPrivateTraining_isOfARowForEachThread() throws IOException {
        TrainingSettings settings =
                new TrainingSettings(0.5, 3, 1).withPrivacy(new PrivateTraining(1, 1, 0.4));

        TrainingEstimate estimate = estimate(MEMORY, settings);

        assertThat(estimate.rowsPerStep()).isEqualTo(2);
        assertThat(estimate.steps()).isEqualTo(9);
        assertThat(estimate.memoryBytes()).isEmpty(); // that graph tells nothing
    }

    @Test
    void estimate_ofAPackageThatDoesNotTell_hasNoMemory() throws IOException {
        assertThat(estimate("", new TrainingSettings(0.5, 3, 1)).memoryBytes()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ",\"memory\":{\"train\":{\"fixed\":1}}",
                ",\"memory\":{\"train\":7}",
                ",\"memory\":{\"train\":{\"fixed\":-1,\"perRow\":0,\"perToken\":0,\"perTokenPair\":0}}",
                ",\"memory\":{\"train\":{\"fixed\":1e30,\"perRow\":0,\"perToken\":0,"
                        + "\"perTokenPair\":0}}"
            })
    void read_memoryThatMakesNoSense_isABadPackage(String memory) {
        assertThatThrownBy(() -> manifest(memory))
                .isInstanceOfSatisfying(
                        ModelException.class,
                        e -> assertThat(e.code()).isEqualTo(ModelException.Code.BAD_PACKAGE));
    }

    @Test
    void memory_turnedRound_tellsWhatFits() {
        TrainingMemory memory = new TrainingMemory(1000, 100, 10, 1);

        assertThat(memory.rowsWithin(memory.bytes(7, 20), 20)).isEqualTo(7);
        assertThat(memory.rowsWithin(memory.bytes(7, 20) - 1, 20)).isEqualTo(6);
        assertThat(memory.rowsWithin(999, 20)).isZero();
        assertThat(memory.tokensWithin(memory.bytes(7, 15), 7, 20)).isEqualTo(15);
        assertThat(memory.tokensWithin(memory.bytes(7, 15) - 1, 7, 20)).isEqualTo(14);
        assertThat(memory.tokensWithin(0, 7, 20)).isZero();
    }

    private TrainingEstimate estimate(String memory, TrainingSettings settings) throws IOException {
        List<LabelledText> training = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            training.add(new LabelledText("text " + i, i % 2));
        }
        SoftLabelledText sample = new SoftLabelledText("a sample", new float[] {0.5f, 0.5f});
        List<SoftLabelledText> pool =
                settings.privacy() == null ? List.of(sample, sample, sample) : List.of();
        return TrainingOutlook.of(manifest(memory))
                .estimate(new TrainingData(training, List.of(), pool), settings, 2, texts -> 20);
    }

    private PackageManifest manifest(String memory) throws IOException {
        String json =
                "{\"format\":\"crosslm-slm\",\"version\":1,\"labels\":[\"good\",\"bad\"],"
                        + "\"files\":[{\"name\":\"x\",\"size\":1,\"sha256\":\"0\"}],"
                        + "\"training\":{\"learningRate\":0.05,\"beta1\":0.9,\"beta2\":0.999,"
                        + "\"warmUp\":0.1,\"weightDecay\":0,\"inverseStrength\":0,\"epochs\":50,"
                        + "\"batchSize\":4,\"poolRowsPerStep\":2,\"stopStandardErrors\":1}"
                        + memory
                        + "}";
        Files.write(directory.resolve("manifest.json"), json.getBytes(StandardCharsets.UTF_8));
        return PackageManifest.read(directory);
    }
}
