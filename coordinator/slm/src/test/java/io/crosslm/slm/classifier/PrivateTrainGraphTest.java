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
import io.crosslm.slm.graph.Attributes;
import io.crosslm.slm.graph.Graph;
import io.crosslm.slm.graph.Tensors;
import io.crosslm.slm.graph.ValueType;
import io.crosslm.slm.pack.SlmMode;
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
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
        Graph score = withHead(encoder);
        List<Parameter> parameters = new ArrayList<>();
        for (Parameter p : parameters(encoder)) {
            float[] values = numbers(random, p.values().length);
            parameters.add(new Parameter(p.name(), p.dimensions(), values));
        }
        putTexts(encoder, parameters);
        put("row_weights", new float[] {1, 0.5f}, 2);
        put("clip_norm", new float[] {1e9f});
        put("batch_size", new float[] {1});
        put("penalty", new float[] {(float) PENALTY});
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

    /** The limit lies between the two gradients' norms, so that one of them is clipped. */
    @ParameterizedTest
    @CsvSource({
        "bert, FULL", "distilbert, FULL", "roberta, FULL", "electra, FULL", "albert, FULL",
        "bert, BIAS", "distilbert, BIAS", "roberta, BIAS", "electra, BIAS", "albert, BIAS"
    })
    void of_weightsOfTheEncoder_clipsEachExample(String family, SlmMode mode) throws OrtException {
        Set<EncoderWeights.Role> roles =
                mode == SlmMode.BIAS
                        ? EnumSet.of(EncoderWeights.Role.BIAS)
                        : EnumSet.complementOf(EnumSet.of(EncoderWeights.Role.TABLE));
        EncoderGraph encoder =
                EncoderGraph.trained(
                        Goldens.bytes("formula-bert/" + family + ".onnx"),
                        EncoderGraph.Embedding.NORMALISED_MEAN,
                        roles);
        Graph score = withHead(encoder);
        List<Parameter> parameters = parameters(encoder);
        putTexts(encoder, parameters);
        put("penalty", new float[] {0});
        Graph plain = TrainGraph.of(score, parameters, LABELS, new Sgd(0));
        List<Map<String, double[]>> each = new ArrayList<>();
        for (int row = 0; row < 2; row++) {
            put("row_weights", new float[] {row == 0 ? 1 : 0, row == 1 ? 1 : 0}, 2);
            each.add(gradients(parameters, run(plain, parameters)));
        }
        double first = norm(each.get(0));
        double second = norm(each.get(1));
        double clip = (first + second) / 2;
        put("row_weights", new float[] {1, 1}, 2);
        put("clip_norm", new float[] {(float) clip});
        put("batch_size", new float[] {1});

        Graph step = PrivateTrainGraph.of(score, parameters, LABELS, new Sgd(0));
        Map<String, double[]> actual = gradients(parameters, run(step, parameters));
        inputs.values().forEach(OnnxTensor::close);
        assertThat(Math.abs(first - second)).isGreaterThan(0.01 * clip);
        for (Parameter p : parameters) {
            double[] expected = new double[p.values().length];
            for (int i = 0; i < expected.length; i++) {
                expected[i] =
                        Math.min(1, clip / first) * each.get(0).get(p.name())[i]
                                + Math.min(1, clip / second) * each.get(1).get(p.name())[i];
            }
            assertThat(actual.get(p.name()))
                    .as(p.name())
                    .containsExactly(expected, within(1e-3 * clip));
        }
    }

    /** The step's gradient by each parameter, out of the change that it made. */
    private static Map<String, double[]> gradients(
            List<Parameter> parameters, Map<String, float[]> after) {
        Map<String, double[]> gradients = new HashMap<>();
        for (Parameter p : parameters) {
            float[] before = p.values();
            float[] now = after.get(p.name());
            double[] gradient = new double[now.length];
            Arrays.setAll(gradient, i -> ((double) before[i] - now[i]) / RATE);
            gradients.put(p.name(), gradient);
        }
        return gradients;
    }

    private static double norm(Map<String, double[]> gradients) {
        return Math.sqrt(
                gradients.values().stream().flatMapToDouble(Arrays::stream).map(g -> g * g).sum());
    }

    @Test
    void of_operatorThatCannotTellExamplesApart_isNamed() {
        Graph score = new Graph();
        score.addInput(ValueType.floats("batch", SIZE).named(ClassifierHead.EMBEDDING));
        List<Parameter> parameters = ClassifierHead.zeros(SIZE, LABELS);
        parameters.forEach(p -> score.addInput(p.type().named(p.name())));
        score.addNamed(
                ClassifierHead.LOGITS,
                "Gemm",
                List.of(ClassifierHead.EMBEDDING, ClassifierHead.WEIGHT, ClassifierHead.BIAS),
                Attributes.of("transB", 1));

        assertThatThrownBy(() -> PrivateTrainGraph.of(score, parameters, LABELS, new Sgd(0)))
                .hasMessageContaining("SLM-2103")
                .hasMessageContaining("(Gemm)")
                .hasMessageContaining("take mode head or lora");
    }

    @Test
    void of_productThatAllExamplesShare_isNamed() {
        Graph score = new Graph();
        score.addInput(ValueType.floats("batch", SIZE).named(ClassifierHead.EMBEDDING));
        Parameter weight = new Parameter("own", new long[] {SIZE, SIZE}, new float[SIZE * SIZE]);
        score.addInput(weight.type().named(weight.name()));
        score.addInitializer(Tensors.floats("positions", new float[2 * SIZE], 1, 2, SIZE));
        String shared = score.add("MatMul", "positions", weight.name()); // [1, 2, SIZE]
        String sum =
                score.add(
                        "ReduceSum", List.of(shared, score.longs(1)), Attributes.of("keepdims", 0));
        score.addNamed("shifted", "Add", List.of(ClassifierHead.EMBEDDING, sum));
        score.addNamed(
                ClassifierHead.LOGITS,
                "Slice",
                List.of("shifted", score.longs(0), score.longs(LABELS), score.longs(1)));

        assertThatThrownBy(() -> PrivateTrainGraph.of(score, List.of(weight), LABELS, new Sgd(0)))
                .hasMessageContaining("SLM-2103")
                .hasMessageContaining("(MatMul)");
    }

    private static Graph withHead(EncoderGraph encoder) {
        Graph score = encoder.graph();
        score.clearOutputs();
        ClassifierHead.append(score, encoder.embeddingSize(), LABELS);
        return score;
    }

    /** The encoder's, and a head's that tells labels apart: else the encoder has no gradient. */
    private static List<Parameter> parameters(EncoderGraph encoder) {
        List<Parameter> parameters = new ArrayList<>(encoder.parameters());
        for (Parameter p : ClassifierHead.zeros(encoder.embeddingSize(), LABELS)) {
            float[] values = p.values();
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) Math.sin(i);
            }
            parameters.add(new Parameter(p.name(), p.dimensions(), values));
        }
        return parameters;
    }

    /** Two texts, one of them shorter, with soft labels; the parameters; no noise. */
    private void putTexts(EncoderGraph encoder, List<Parameter> parameters) throws OrtException {
        for (Parameter p : parameters) {
            put(p.name(), p.values(), p.dimensions());
            put(p.name() + ".noise", new float[p.values().length], p.dimensions());
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
        put("learning_rate", new float[] {(float) RATE});
        put("weight_decay", new float[1]);
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
        OnnxTensor before =
                inputs.put(
                        name,
                        OnnxTensor.createTensor(environment, FloatBuffer.wrap(values), shape));
        if (before != null) {
            before.close();
        }
    }

    private static float[] values(OrtSession.Result result, String name) {
        return ((OnnxTensor) result.get(name).orElseThrow()).getFloatBuffer().array();
    }
}
