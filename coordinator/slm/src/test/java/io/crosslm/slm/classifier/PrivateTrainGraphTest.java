package io.crosslm.slm.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.crosslm.slm.autodiff.Sgd;
import io.crosslm.slm.encoder.EncoderGraph;
import io.crosslm.slm.graph.Graph;
import io.crosslm.testkit.golden.Goldens;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A private step against the same step written out example by example, and the plain one. */
final class PrivateTrainGraphTest {
    private static final int SIZE = 3;
    private static final int LABELS = 2;
    private static final double CLIP = 0.7;
    private static final double RATE = 0.5;
    private static final double PENALTY = 0.3;
    private static final double BATCH = 4;

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final Map<String, OnnxTensor> inputs = new HashMap<>();

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7})
    void of_head_clipsEachExampleAndAddsTheNoise(int rows) throws OrtException {
        Random random = new Random(rows);
        float[] x = numbers(random, rows * SIZE);
        float[] weight = numbers(random, LABELS * SIZE);
        float[] bias = numbers(random, LABELS);
        float[] weightNoise = numbers(random, LABELS * SIZE);
        float[] biasNoise = numbers(random, LABELS);
        float[] inSample = new float[rows];
        float[] targets = new float[rows * LABELS];
        for (int i = 0; i < rows; i++) {
            // The second row only fills the batch up.
            inSample[i] = i == 1 ? 0 : 1;
            targets[i * LABELS + i % LABELS] = 1;
        }
        double[] sum = clippedSum(x, weight, bias, targets, inSample);
        put("embedding", x, rows, SIZE);
        put("targets", targets, rows, LABELS);
        put("row_weights", inSample, rows);
        put("head.weight", weight, LABELS, SIZE);
        put("head.bias", bias, LABELS);
        put("head.weight.noise", weightNoise, LABELS, SIZE);
        put("head.bias.noise", biasNoise, LABELS);
        put("clip_norm", new float[] {(float) CLIP});
        put("batch_size", new float[] {(float) BATCH});
        put("penalty", new float[] {(float) PENALTY});
        put("learning_rate", new float[] {(float) RATE});
        put("weight_decay", new float[1]);
        Graph score = ClassifierHead.scoreGraph(SIZE, LABELS);
        Graph train =
                PrivateTrainGraph.of(score, ClassifierHead.zeros(SIZE, LABELS), LABELS, new Sgd(0));

        try (OrtSession session = environment.createSession(train.toBytes());
                OrtSession.Result result = session.run(inputs)) {
            float[] newWeight = values(result, "head.weight.new");
            for (int k = 0; k < weight.length; k++) {
                double gradient = (sum[k] + weightNoise[k]) / BATCH + PENALTY * weight[k];
                assertThat((double) newWeight[k])
                        .isCloseTo(weight[k] - RATE * gradient, within(1e-5));
            }
            float[] newBias = values(result, "head.bias.new");
            for (int c = 0; c < LABELS; c++) {
                double gradient = (sum[weight.length + c] + biasNoise[c]) / BATCH;
                assertThat((double) newBias[c]).isCloseTo(bias[c] - RATE * gradient, within(1e-5));
            }
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    /** With a limit that no gradient reaches, no noise and one as divisor. */
    @ParameterizedTest
    @ValueSource(strings = {"bert", "distilbert", "roberta", "electra", "albert"})
    void of_loraWithoutClipping_isThePlainStep(String family) throws OrtException {
        Random random = new Random(1);
        EncoderGraph encoder =
                EncoderGraph.adapted(
                        Goldens.bytes("formula-bert/" + family + ".onnx"),
                        EncoderGraph.Embedding.NORMALISED_MEAN,
                        new LoraAdapter(2, 4, List.of("*")),
                        1);
        Graph score = encoder.graph();
        score.clearOutputs();
        ClassifierHead.append(score, encoder.embeddingSize(), LABELS);
        List<Parameter> parameters = new ArrayList<>(encoder.parameters());
        parameters.addAll(ClassifierHead.zeros(encoder.embeddingSize(), LABELS));
        for (Parameter p : parameters) {
            int count = p.values().length;
            put(p.name(), numbers(random, count), p.dimensions());
            put(p.name() + ".noise", new float[count], p.dimensions());
        }
        long[] ids = {3, 12, 23, 40, 7, 4, 3, 9, 4, 1, 1, 1};
        for (String input : encoder.tokenInputs()) {
            long[] values = input.equals(EncoderGraph.IDS) ? ids : new long[ids.length];
            if (input.equals(EncoderGraph.MASK)) {
                Arrays.setAll(values, i -> ids[i] == 1 ? 0 : 1);
            }
            inputs.put(
                    input,
                    OnnxTensor.createTensor(
                            environment, LongBuffer.wrap(values), new long[] {2, 6}));
        }
        put("targets", new float[] {1, 0, 0.3f, 0.7f}, 2, LABELS);
        put("row_weights", new float[] {1, 0.5f}, 2);
        put("clip_norm", new float[] {1e9f});
        put("batch_size", new float[] {1});
        put("penalty", new float[] {(float) PENALTY});
        put("learning_rate", new float[] {(float) RATE});
        put("weight_decay", new float[1]);
        Graph plain = TrainGraph.of(score, parameters, LABELS, new Sgd(0));
        Graph step = PrivateTrainGraph.of(score, parameters, LABELS, new Sgd(0));

        Map<String, float[]> expected = run(plain, parameters);
        Map<String, float[]> actual = run(step, parameters);
        inputs.values().forEach(OnnxTensor::close);
        for (Parameter p : parameters) {
            assertThat(actual.get(p.name()))
                    .as(p.name())
                    .containsExactly(expected.get(p.name()), within(1e-4f));
        }
    }

    /** Its LayerNormalization takes one scale for all examples. */
    @Test
    void of_operatorThatCannotTellExamplesApart_isNamed() {
        EncoderGraph encoder =
                EncoderGraph.trained(
                        Goldens.bytes("formula-bert/electra.onnx"),
                        EncoderGraph.Embedding.MEAN,
                        EnumSet.of(EncoderWeights.Role.SCALE));
        Graph score = encoder.graph();
        score.clearOutputs();
        ClassifierHead.append(score, encoder.embeddingSize(), LABELS);

        assertThatThrownBy(
                        () -> PrivateTrainGraph.of(score, encoder.parameters(), LABELS, new Sgd(0)))
                .hasMessageContaining("SLM-2103")
                .hasMessageContaining("(LayerNormalization)")
                .hasMessageContaining("in the modes head and lora");
    }

    private Map<String, float[]> run(Graph graph, List<Parameter> parameters) throws OrtException {
        try (OrtSession session = environment.createSession(graph.toBytes())) {
            Map<String, OnnxTensor> known = new HashMap<>(inputs);
            known.keySet().retainAll(session.getInputNames());
            Map<String, float[]> results = new HashMap<>();
            try (OrtSession.Result result = session.run(known)) {
                for (Parameter p : parameters) {
                    results.put(p.name(), values(result, p.name() + ".new"));
                }
            }
            return results;
        }
    }

    /** The sum of the clipped gradients of the rows in the sample: weight [Y, C], then bias [Y]. */
    private static double[] clippedSum(
            float[] x, float[] weight, float[] bias, float[] targets, float[] inSample) {
        double[] sum = new double[weight.length + LABELS];
        for (int i = 0; i < inSample.length; i++) {
            double[] e = new double[LABELS];
            double total = 0;
            for (int c = 0; c < LABELS; c++) {
                double z = bias[c];
                for (int j = 0; j < SIZE; j++) {
                    z += weight[c * SIZE + j] * x[i * SIZE + j];
                }
                e[c] = Math.exp(z);
                total += e[c];
            }
            double[] gradient = new double[sum.length];
            double squares = 0;
            for (int c = 0; c < LABELS; c++) {
                double error = e[c] / total - targets[i * LABELS + c];
                gradient[weight.length + c] = error;
                for (int j = 0; j < SIZE; j++) {
                    gradient[c * SIZE + j] = error * x[i * SIZE + j];
                }
            }
            for (double g : gradient) {
                squares += g * g;
            }
            double scale = Math.min(1, CLIP / (Math.sqrt(squares) + 1e-6)) * inSample[i];
            for (int k = 0; k < sum.length; k++) {
                sum[k] += scale * gradient[k];
            }
        }
        return sum;
    }

    private static float[] numbers(Random random, int count) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) random.nextGaussian();
        }
        return numbers;
    }

    private void put(String name, float[] values, long... shape) throws OrtException {
        inputs.put(name, OnnxTensor.createTensor(environment, FloatBuffer.wrap(values), shape));
    }

    private static float[] values(OrtSession.Result result, String name) {
        return ((OnnxTensor) result.get(name).orElseThrow()).getFloatBuffer().array();
    }
}
