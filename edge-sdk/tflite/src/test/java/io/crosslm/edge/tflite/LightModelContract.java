package io.crosslm.edge.tflite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.crosslm.edge.tflite.bytedeco.BytedecoLibrary;
import io.crosslm.edge.tflite.runtime.SignatureRuntime;
import io.crosslm.edge.tflite.runtime.Tensor;
import io.crosslm.slm.tflite.Optimiser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The signatures of a light model in the real runtime against its formula in doubles: loss,
 * gradients by finite differences, the optimisers' steps.
 */
abstract class LightModelContract {
    static final int ROWS = 7;
    static final int LABELS = 3;
    static final int TEXTS = 5;
    static final int IDS = 6;
    private static final double PENALTY = 0.3;
    private static final double SHIFT = 1e-6;
    private static final String PENALISED = "head_weight";

    @TempDir private Path directory;

    private final Random random = new Random(3);
    private final Map<String, Tensor> batch = new LinkedHashMap<>();
    private final Map<String, float[]> values = new LinkedHashMap<>();
    private SignatureRuntime runtime;

    /** The model's file. */
    abstract byte[] write(Optimiser optimiser);

    /** Parameters and their dimensions. */
    abstract Map<String, int[]> parameters();

    /** The formula's logits of a text. */
    abstract double[] logits(int[] ids, float[] weights, Map<String, double[]> parameters);

    @BeforeEach
    void openModel() throws IOException {
        open(Optimiser.ADAM_W);
        parameters()
                .forEach(
                        (name, dimensions) ->
                                values.put(
                                        name,
                                        randoms(
                                                Arrays.stream(dimensions)
                                                        .reduce(1, (a, b) -> a * b))));
        int[] ids = new int[TEXTS * IDS];
        // Ids come again in a text and among texts; the last one nowhere.
        Arrays.setAll(ids, i -> random.nextInt(ROWS - 1));
        float[] weights = new float[TEXTS * IDS];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = Math.abs((float) random.nextGaussian());
        }
        for (int n = 0; n < IDS; n++) {
            // A phrase again and again, and a text of two words with padding behind it.
            ids[n] = 1 + n % 2;
            weights[n] = 1;
            ids[IDS + n] = n < 2 ? ids[IDS + n] : 0;
            weights[IDS + n] = n < 2 ? 1 : 0;
        }
        batch.put("ids", Tensor.integers(ids, TEXTS, IDS));
        batch.put("weights", Tensor.floats(weights, TEXTS, IDS));
        batch.put("targets", Tensor.floats(targets(), TEXTS, LABELS));
        batch.put("row_weights", Tensor.floats(new float[] {.1f, .2f, .3f, .25f, .15f}, TEXTS));
    }

    private void open(Optimiser optimiser) throws IOException {
        Path file = directory.resolve(optimiser + ".tflite");
        Files.write(file, write(optimiser));
        if (runtime != null) {
            runtime.close();
        }
        runtime = new BytedecoLibrary().open(file, 1);
    }

    @AfterEach
    void closeModel() {
        runtime.close();
    }

    @Test
    void write_sameSettings_givesTheSameBytes() {
        assertThat(write(Optimiser.ADAM)).isEqualTo(write(Optimiser.ADAM));
    }

    @Test
    void score_givesTheFormulasProbabilities() {
        restore(values);

        float[] scored =
                runtime.run(
                                "score",
                                Map.of("ids", batch.get("ids"), "weights", batch.get("weights")),
                                List.of("probabilities"))
                        .get("probabilities")
                        .floats();

        for (int b = 0; b < TEXTS; b++) {
            double[] logits = logits(b, doubles());
            double sum = Arrays.stream(logits).map(Math::exp).sum();
            for (int y = 0; y < LABELS; y++) {
                assertThat((double) scored[b * LABELS + y])
                        .isCloseTo(Math.exp(logits[y]) / sum, within(1e-5));
            }
        }
    }

    @Test
    void train_loss_isWeightedDivergence() {
        restore(values);

        assertThat(step(0, 0.1, 1, 0)).isCloseTo(loss(doubles()), within(1e-5));
    }

    @Test
    void train_gradients_areTheFiniteDifferences() {
        Map<String, float[]> gradients = gradients();

        for (String name : parameters().keySet()) {
            for (int i = 0; i < values.get(name).length; i++) {
                double decay = name.equals(PENALISED) ? PENALTY * values.get(name)[i] : 0;
                double expected = difference(name, i) + decay;
                assertThat((double) gradients.get(name)[i])
                        .as("%s %d", name, i)
                        .isCloseTo(expected, within(1e-5 * Math.max(1, Math.abs(expected))));
            }
            float[] all = gradients.get(name);
            assertThat(IntStream.range(0, all.length).filter(i -> Math.abs(all[i]) > 1e-3))
                    .as(name)
                    .isNotEmpty();
        }
    }

    @Test
    void train_idThatNoTextHas_hasNoGradient() {
        float[] gradient = gradients().get("embedding");
        int size = parameters().get("embedding")[1];

        assertThat(Arrays.copyOfRange(gradient, (ROWS - 1) * size, ROWS * size)).containsOnly(0);
    }

    @Test
    void train_threeSteps_areAdamWs() throws IOException {
        assertSteps(Optimiser.ADAM_W);
    }

    @Test
    void train_threeSteps_areAdams() throws IOException {
        open(Optimiser.ADAM);

        assertSteps(Optimiser.ADAM);
    }

    /** Against the optimiser's formula on gradients by finite differences. */
    private void assertSteps(Optimiser optimiser) {
        double rate = 0.01;
        double decay = 0.2;
        Map<String, double[]> expected = doubles();
        Map<String, double[]> first = new LinkedHashMap<>();
        Map<String, double[]> second = new LinkedHashMap<>();
        restore(values);
        for (int t = 1; t <= 3; t++) {
            double correction1 = 1 - Math.pow(0.9, t);
            double correction2 = 1 - Math.pow(0.999, t);
            step(rate, correction1, correction2, decay);
            Map<String, double[]> before = copy(expected);
            for (String name : parameters().keySet()) {
                double[] value = expected.get(name);
                double[] m = first.computeIfAbsent(name, n -> new double[value.length]);
                double[] v = second.computeIfAbsent(name, n -> new double[value.length]);
                for (int i = 0; i < value.length; i++) {
                    double old = before.get(name)[i];
                    double g = difference(before, name, i);
                    g += name.equals(PENALISED) ? PENALTY * old : 0;
                    g += optimiser == Optimiser.ADAM ? decay * old : 0;
                    m[i] = 0.9 * m[i] + 0.1 * g;
                    v[i] = 0.999 * v[i] + 0.001 * g * g;
                    value[i] =
                            old * (optimiser == Optimiser.ADAM_W ? 1 - rate * decay : 1)
                                    - rate
                                            * (m[i] / correction1)
                                            / (Math.sqrt(v[i] / correction2) + 1e-8);
                }
            }
        }
        Map<String, float[]> after = saved();
        assertMoments(first, ".m");
        assertMoments(second, ".v");
        for (String name : parameters().keySet()) {
            int alike = 0;
            for (int i = 0; i < values.get(name).length; i++) {
                double difference = Math.abs(after.get(name)[i] - expected.get(name)[i]);
                // Where a gradient is as small as its rounding, Adam's step is of any direction.
                alike += difference < 1e-5 ? 1 : 0;
            }
            assertThat(alike).as(name).isGreaterThanOrEqualTo(9 * values.get(name).length / 10);
        }
    }

    private void assertMoments(Map<String, double[]> expected, String end) {
        Map<String, Tensor> remembered = remembered();
        expected.forEach(
                (name, moments) -> {
                    float[] actual = remembered.get(name + end).floats();
                    assertThat(actual).as(name + end).hasSameSizeAs(moments);
                    for (int i = 0; i < moments.length; i++) {
                        assertThat((double) actual[i])
                                .as("%s%s %d", name, end, i)
                                .isCloseTo(
                                        moments[i],
                                        within(1e-5 * Math.max(1, Math.abs(moments[i]))));
                    }
                });
    }

    @Test
    void restoreOptimiser_afterRestore_goesOnToTheSameBits() {
        restore(values);
        step(0.01, 0.1, 0.001, 0.2);
        Map<String, float[]> half = saved();
        Map<String, Tensor> remembered = remembered();
        double loss = step(0.01, 0.19, 0.002, 0.2);
        Map<String, float[]> whole = saved();
        Map<String, Tensor> last = remembered();
        restore(values);

        restore(half);
        runtime.run("restore_optimiser", remembered, List.of());

        assertSame(saved(), half);
        assertThat(step(0.01, 0.19, 0.002, 0.2)).isEqualTo(loss);
        assertSame(saved(), whole);
        assertSame(floats(remembered()), floats(last));
    }

    @Test
    void saveOptimiser_beforeTheFirstStep_givesZeros() throws IOException {
        open(Optimiser.ADAM_W);

        assertThat(remembered()).hasSize(2 * parameters().size());
        remembered().forEach((name, tensor) -> assertThat(tensor.floats()).containsOnly(0));
    }

    private static void assertSame(Map<String, float[]> actual, Map<String, float[]> expected) {
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        expected.forEach((name, value) -> assertThat(actual.get(name)).as(name).isEqualTo(value));
    }

    @Test
    void restore_afterSteps_forgetsTheMoments() {
        restore(values);
        double once = step(0.01, 0.1, 0.001, 0);
        Map<String, float[]> after = saved();
        step(0.01, 0.19, 0.002, 0);
        restore(values);

        assertThat(step(0.01, 0.1, 0.001, 0)).isEqualTo(once);
        parameters()
                .keySet()
                .forEach(name -> assertThat(saved().get(name)).isEqualTo(after.get(name)));
    }

    /**
     * Gradients out of the runtime. A second correction so large that only epsilon is left below
     * makes the step proportional to the gradient; the rate makes it equal.
     */
    private Map<String, float[]> gradients() {
        restore(values);
        step(1e-8, 0.1, 1e24, 0);
        Map<String, float[]> gradients = saved();
        gradients.forEach(
                (name, moved) -> {
                    for (int i = 0; i < moved.length; i++) {
                        moved[i] = values.get(name)[i] - moved[i];
                    }
                });
        return gradients;
    }

    private double difference(String name, int index) {
        return difference(doubles(), name, index);
    }

    /** Central difference of the formula's loss. */
    private double difference(Map<String, double[]> parameters, String name, int index) {
        double[] value = parameters.get(name);
        double kept = value[index];
        value[index] = kept + SHIFT;
        double above = loss(parameters);
        value[index] = kept - SHIFT;
        double below = loss(parameters);
        value[index] = kept;
        return (above - below) / (2 * SHIFT);
    }

    /** The loss from the formula. */
    private double loss(Map<String, double[]> parameters) {
        double loss = 0;
        for (int b = 0; b < TEXTS; b++) {
            double[] logits = logits(b, parameters);
            double total = Arrays.stream(logits).map(Math::exp).sum();
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

    private double[] logits(int text, Map<String, double[]> parameters) {
        return logits(
                Arrays.copyOfRange(batch.get("ids").integers(), text * IDS, (text + 1) * IDS),
                Arrays.copyOfRange(batch.get("weights").floats(), text * IDS, (text + 1) * IDS),
                parameters);
    }

    private Map<String, double[]> doubles() {
        Map<String, double[]> doubles = new LinkedHashMap<>();
        values.forEach(
                (name, floats) -> {
                    double[] wide = new double[floats.length];
                    Arrays.setAll(wide, i -> floats[i]);
                    doubles.put(name, wide);
                });
        return doubles;
    }

    private static Map<String, double[]> copy(Map<String, double[]> parameters) {
        Map<String, double[]> copy = new LinkedHashMap<>();
        parameters.forEach((name, value) -> copy.put(name, value.clone()));
        return copy;
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
        runtime.run("save", Map.of("unused", number(0)), List.copyOf(parameters().keySet()))
                .forEach((name, tensor) -> saved.put(name, tensor.floats()));
        return saved;
    }

    /** What the optimiser remembers. */
    private Map<String, Tensor> remembered() {
        return runtime.run(
                "save_optimiser",
                Map.of("unused", number(0)),
                runtime.signatures().get("save_optimiser").outputs());
    }

    private static Map<String, float[]> floats(Map<String, Tensor> tensors) {
        Map<String, float[]> floats = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> floats.put(name, tensor.floats()));
        return floats;
    }

    private void restore(Map<String, float[]> state) {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        parameters()
                .forEach(
                        (name, dimensions) ->
                                inputs.put(name, Tensor.floats(state.get(name), dimensions)));
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
