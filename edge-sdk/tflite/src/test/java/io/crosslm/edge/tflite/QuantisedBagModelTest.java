package io.crosslm.edge.tflite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.crosslm.edge.tflite.ModelCheck.Finding;
import io.crosslm.edge.tflite.ModelCheck.Settings;
import io.crosslm.edge.tflite.ModelCheck.Verdict;
import io.crosslm.edge.tflite.bytedeco.BytedecoLibrary;
import io.crosslm.edge.tflite.runtime.SignatureRuntime;
import io.crosslm.edge.tflite.runtime.Tensor;
import io.crosslm.slm.tflite.EmbeddingBagModel;
import io.crosslm.slm.tflite.QuantisedBagModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class QuantisedBagModelTest {
    private static final int ROWS = 1 << 10;
    private static final int SIZE = 16;
    private static final int LABELS = 3;
    private static final int TEXTS = 40;
    private static final int IDS = 30;

    @TempDir private Path folder;

    private final Random random = new Random(5);
    private final float[] embedding = randoms(ROWS * SIZE, 0.5);
    private final float[] headWeight = randoms(LABELS * SIZE, 0.5);
    private final float[] headBias = randoms(LABELS, 0.1);

    private float[] randoms(int count, double deviation) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (deviation * random.nextGaussian());
        }
        return values;
    }

    private Path quantised() throws IOException {
        return Files.write(
                folder.resolve("int8.tflite"),
                QuantisedBagModel.write(embedding, headWeight, headBias));
    }

    private Path full() throws IOException {
        return Files.write(
                folder.resolve("float.tflite"), EmbeddingBagModel.write(ROWS, SIZE, LABELS, 1));
    }

    @Test
    void score_isThatOfTheFloatModelButForRounding() throws IOException {
        Map<String, Tensor> batch = new LinkedHashMap<>();
        int[] ids = new int[TEXTS * IDS];
        Arrays.setAll(ids, i -> random.nextInt(ROWS));
        float[] weights = new float[TEXTS * IDS];
        Arrays.fill(weights, (float) Math.sqrt(1.0 / IDS));
        batch.put("ids", Tensor.integers(ids, TEXTS, IDS));
        batch.put("weights", Tensor.floats(weights, TEXTS, IDS));
        try (SignatureRuntime ours = new BytedecoLibrary().open(quantised(), 1);
                SignatureRuntime float32 = new BytedecoLibrary().open(full(), 1)) {
            Map<String, Tensor> state = new LinkedHashMap<>();
            state.put("embedding", Tensor.floats(embedding, ROWS, SIZE));
            state.put("head_weight", Tensor.floats(headWeight, LABELS, SIZE));
            state.put("head_bias", Tensor.floats(headBias, LABELS));
            float32.run("restore", state, List.of());

            float[] expected = probabilities(float32, batch);
            float[] actual = probabilities(ours, batch);

            assertThat(actual).hasSameSizeAs(expected);
            for (int i = 0; i < expected.length; i++) {
                assertThat(actual[i]).isCloseTo(expected[i], within(0.02f));
            }
            assertThat(actual).isNotEqualTo(expected);
        }
    }

    private static float[] probabilities(SignatureRuntime runtime, Map<String, Tensor> batch) {
        return runtime.run("score", batch, List.of("probabilities")).get("probabilities").floats();
    }

    @Test
    void write_takesAByteForANumber() throws IOException {
        assertThat(Files.size(quantised())).isBetween((long) ROWS * SIZE, ROWS * SIZE + 4000L);
    }

    @Test
    void file_keepsTheContractOfAModelThatScores() throws IOException {
        List<Finding> findings =
                ModelCheck.file(quantised(), Settings.defaults().withBuckets(ROWS));

        assertThat(findings).extracting(Finding::verdict).doesNotContain(Verdict.WRONG);
        assertThat(findings).extracting(Finding::verdict).contains(Verdict.NOTE);
    }

    @Test
    void write_sizesThatDoNotGoTogether_isRefused() {
        assertThatThrownBy(() -> QuantisedBagModel.write(new float[33], headWeight, headBias))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("rows of 16 numbers");
    }

    @Test
    void write_numberThatIsNotFinite_isRefused() {
        headBias[0] = Float.NaN;

        assertThatThrownBy(() -> QuantisedBagModel.write(embedding, headWeight, headBias))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not finite");
    }
}
