package io.crosslm.edge.tflite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.crosslm.edge.tflite.bytedeco.BytedecoLibrary;
import io.crosslm.edge.tflite.runtime.SignatureRuntime;
import io.crosslm.edge.tflite.runtime.Tensor;
import io.crosslm.slm.tflite.EmbeddingBagModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The written signatures in the real runtime: loss, gradients, AdamW's step. */
final class EmbeddingBagGradientTest {
    private static final int ROWS = 7;
    private static final int SIZE = 4;
    private static final int LABELS = 3;
    private static final int TEXTS = 5;
    private static final int IDS = 6;
    private static final double PENALTY = 0.3;
    private static final float SHIFT = 1e-2f;
    private static final List<String> PARAMETERS =
            List.of(
                    EmbeddingBagModel.EMBEDDING,
                    EmbeddingBagModel.HEAD_WEIGHT,
                    EmbeddingBagModel.HEAD_BIAS);

    @TempDir Path directory;

    private final Random random = new Random(3);
    private final Map<String, Tensor> batch = new LinkedHashMap<>();
    private final Map<String, float[]> values = new LinkedHashMap<>();
    private SignatureRuntime runtime;

    @BeforeEach
    void openModel() throws IOException {
        Path file = directory.resolve("model.tflite");
        Files.write(file, EmbeddingBagModel.write(ROWS, SIZE, LABELS, 1));
        runtime = new BytedecoLibrary().open(file, 1);
        values.put(EmbeddingBagModel.EMBEDDING, randoms(ROWS * SIZE));
        values.put(EmbeddingBagModel.HEAD_WEIGHT, randoms(LABELS * SIZE));
        values.put(EmbeddingBagModel.HEAD_BIAS, randoms(LABELS));
        int[] ids = new int[TEXTS * IDS];
        // Ids come again in a text and among texts.
        Arrays.setAll(ids, i -> random.nextInt(ROWS - 1));
        batch.put("ids", Tensor.integers(ids, TEXTS, IDS));
        batch.put("weights", Tensor.floats(randoms(TEXTS * IDS), TEXTS, IDS));
        batch.put("targets", Tensor.floats(targets(), TEXTS, LABELS));
        batch.put("row_weights", Tensor.floats(new float[] {.1f, .2f, .3f, .25f, .15f}, TEXTS));
    }

    @AfterEach
    void closeModel() {
        runtime.close();
    }

    @Test
    void train_loss_isWeightedDivergence() {
        restore(values);

        assertThat(step(0, 0.1, 1, 0)).isCloseTo(expectedLoss(), within(1e-5));
    }

    @Test
    void train_gradients_areTheFiniteDifferences() {
        Map<String, float[]> gradients = gradients();

        for (String name : PARAMETERS) {
            for (int i = 0; i < values.get(name).length; i++) {
                double decay =
                        name.equals(EmbeddingBagModel.HEAD_WEIGHT)
                                ? PENALTY * values.get(name)[i]
                                : 0;
                assertThat((double) gradients.get(name)[i])
                        .as("%s %d", name, i)
                        .isCloseTo(difference(name, i) + decay, within(2e-3));
            }
        }
        assertThat(gradients.get(EmbeddingBagModel.EMBEDDING)[0]).isNotZero();
    }

    @Test
    void train_idThatNoTextHas_hasNoGradient() {
        float[] gradient = gradients().get(EmbeddingBagModel.EMBEDDING);

        assertThat(Arrays.copyOfRange(gradient, (ROWS - 1) * SIZE, ROWS * SIZE)).containsOnly(0);
    }

    @Test
    void train_firstStep_isAdamWs() {
        Map<String, float[]> gradients = gradients();
        restore(values);
        step(0.01, 0.1, 0.001, 0.2);
        Map<String, float[]> after = saved();

        for (String name : PARAMETERS) {
            for (int i = 0; i < values.get(name).length; i++) {
                double before = values.get(name)[i];
                // With its corrections the first step is of size 1 whatever the gradient's.
                double direction = Math.signum(gradients.get(name)[i]);
                assertThat((double) after.get(name)[i])
                        .as("%s %d", name, i)
                        .isCloseTo(before - 0.01 * (direction + 0.2 * before), within(1e-5));
            }
        }
    }

    @Test
    void restore_afterSteps_forgetsTheMoments() {
        restore(values);
        double once = step(0.01, 0.1, 0.001, 0);
        Map<String, float[]> after = saved();
        step(0.01, 0.19, 0.002, 0);
        restore(values);

        assertThat(step(0.01, 0.1, 0.001, 0)).isEqualTo(once);
        PARAMETERS.forEach(name -> assertThat(saved().get(name)).isEqualTo(after.get(name)));
    }

    /**
     * Gradients out of the runtime. A second correction so large that only epsilon is left below
     * makes the step proportional to the gradient; the rate makes it equal.
     */
    private Map<String, float[]> gradients() {
        restore(values);
        step(1e-8, 0.1, 1e20, 0);
        Map<String, float[]> gradients = saved();
        gradients.forEach(
                (name, moved) -> {
                    for (int i = 0; i < moved.length; i++) {
                        moved[i] = values.get(name)[i] - moved[i];
                    }
                });
        return gradients;
    }

    /** Central difference of the runtime's loss. */
    private double difference(String name, int index) {
        double[] losses = new double[2];
        for (int side = 0; side < 2; side++) {
            Map<String, float[]> shifted = new LinkedHashMap<>(values);
            float[] copy = values.get(name).clone();
            copy[index] += side == 0 ? -SHIFT : SHIFT;
            shifted.put(name, copy);
            restore(shifted);
            losses[side] = step(0, 0.1, 1, 0);
        }
        return (losses[1] - losses[0]) / (2 * SHIFT);
    }

    /** The loss in doubles, from the formula. */
    private double expectedLoss() {
        double loss = 0;
        for (int b = 0; b < TEXTS; b++) {
            double[] logits = new double[LABELS];
            double total = 0;
            for (int y = 0; y < LABELS; y++) {
                logits[y] = values.get(EmbeddingBagModel.HEAD_BIAS)[y];
                for (int n = b * IDS; n < (b + 1) * IDS; n++) {
                    for (int d = 0; d < SIZE; d++) {
                        logits[y] +=
                                batch.get("weights").floats()[n]
                                        * values.get(EmbeddingBagModel.EMBEDDING)[
                                                batch.get("ids").integers()[n] * SIZE + d]
                                        * values.get(EmbeddingBagModel.HEAD_WEIGHT)[y * SIZE + d];
                    }
                }
                total += Math.exp(logits[y]);
            }
            for (int y = 0; y < LABELS; y++) {
                double q = batch.get("targets").floats()[b * LABELS + y];
                double logP = logits[y] - Math.log(total);
                loss +=
                        q == 0
                                ? 0
                                : batch.get("row_weights").floats()[b] * q * (Math.log(q) - logP);
            }
        }
        return loss;
    }

    private double step(double rate, double correction1, double correction2, double decay) {
        Map<String, Tensor> inputs = new LinkedHashMap<>(batch);
        inputs.put("learning_rate", number(rate));
        inputs.put("correction1", number(correction1));
        inputs.put("correction2", number(correction2));
        inputs.put("weight_decay", number(decay));
        inputs.put("penalty", number(PENALTY));
        return runtime.run("train", inputs, List.of("loss")).get("loss").floats()[0];
    }

    private static Tensor number(double value) {
        return Tensor.floats(new float[] {(float) value}, 1);
    }

    private Map<String, float[]> saved() {
        Map<String, float[]> saved = new LinkedHashMap<>();
        runtime.run("save", Map.of("unused", number(0)), PARAMETERS)
                .forEach((name, tensor) -> saved.put(name, tensor.floats()));
        return saved;
    }

    private void restore(Map<String, float[]> state) {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        inputs.put(
                EmbeddingBagModel.EMBEDDING,
                Tensor.floats(state.get(EmbeddingBagModel.EMBEDDING), ROWS, SIZE));
        inputs.put(
                EmbeddingBagModel.HEAD_WEIGHT,
                Tensor.floats(state.get(EmbeddingBagModel.HEAD_WEIGHT), LABELS, SIZE));
        inputs.put(
                EmbeddingBagModel.HEAD_BIAS,
                Tensor.floats(state.get(EmbeddingBagModel.HEAD_BIAS), LABELS));
        runtime.run("restore", inputs, List.of());
    }

    private float[] randoms(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian() / 2;
        }
        return values;
    }

    /** Hard and soft labels, one of which does not quite sum to 1. */
    private static float[] targets() {
        return new float[] {1, 0, 0, 0, 0, 1, 0.7f, 0.2f, 0.1f, 0.05f, 0.9f, 0.049f, 0, 0.5f, 0.5f};
    }
}
