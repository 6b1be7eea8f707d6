package io.crosslm.edge.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import io.crosslm.edge.engine.PackageManifest;
import io.crosslm.edge.engine.Parameters;
import io.crosslm.edge.engine.PrivateStep;
import io.crosslm.edge.engine.StepScalars;
import io.crosslm.edge.engine.TrainableGraph;
import io.crosslm.edge.engine.Trainer;
import io.crosslm.edge.engine.TrainingRows;
import io.crosslm.edge.engine.TrainingRun;
import io.crosslm.edge.model.LabelledText;
import io.crosslm.edge.model.PrivateTraining;
import io.crosslm.edge.model.TrainingData;
import io.crosslm.edge.model.TrainingSettings;
import io.crosslm.slm.autodiff.AdamW;
import io.crosslm.slm.classifier.ClassifierHead;
import io.crosslm.slm.classifier.PrivateTrainGraph;
import io.crosslm.slm.graph.Attributes;
import io.crosslm.slm.graph.Graph;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What one step of a private training takes of its rows, on an honest train graph and on doctored
 * ones. Legend: B rows, C embedding size, Y labels.
 */
final class RowGradientsTest {
    private static final int SIZE = 3;
    private static final int LABELS = 2;
    private static final double CLIP = 0.7;
    private static final float BETA_1 = 0.9f;

    /** One gradient below the clip norm, one above, and an extreme one. */
    private static final float[][] ROWS = {{0.1f, 0, 0}, {0, 2, -1}, {300, -200, 100}};

    private static final float[] WEIGHT = {0.2f, -0.1f, 0.3f, 0, 0.4f, -0.2f};
    private static final float[] BIAS = {0.1f, -0.1f};

    @TempDir private Path directory;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void step_onAnHonestGraph_sumsClippedGradients(int threads) throws IOException {
        double[] sum = sum(honest(), 3, threads);
        double[] expected = new double[LABELS * SIZE + LABELS];
        for (int row = 0; row < 3; row++) {
            double[] gradient = gradient(row);
            double scale = Math.min(1, CLIP / norm(gradient));
            for (int i = 0; i < expected.length; i++) {
                expected[i] += scale * gradient[i];
            }
        }
        assertThat(norm(gradient(0))).isLessThan(CLIP);
        assertThat(norm(gradient(1))).isGreaterThan(CLIP);
        assertThat(sum).containsExactly(expected, within(1e-5));
    }

    @Test
    void step_onAGraphThatDoesNotClip_isClippedAllTheSame() throws IOException {
        Graph graph = honest();
        NodeProto scales = only(graph, "Min");
        graph.remove(scales);
        String nothing = graph.add("Mul", scales.getInput(1), graph.scalar(0f));
        graph.addNamed(scales.getOutput(0), "Add", List.of(nothing, graph.scalar(1_000f)));
        graph.sortNodes();
        double[] with = sum(graph, 3);
        assertThat(norm(with)).isBetween(0.1 * CLIP, 3 * CLIP + 1e-4);
        assertThat(distance(with, sum(graph, 2))).isLessThan(CLIP + 1e-4);
    }

    /** Each row's gradient is multiplied by what all rows of a run have in common. */
    @Test
    void step_onAGraphThatMixesItsRows_dependsOnEachAlone() throws IOException {
        Graph graph = honest();
        NodeProto scales = only(graph, "Min");
        graph.remove(scales);
        String own = graph.add("Min", scales.getInputList());
        String all =
                graph.add(
                        "ReduceSum",
                        List.of(ClassifierHead.EMBEDDING),
                        Attributes.of("keepdims", 0));
        graph.addNamed(scales.getOutput(0), "Mul", List.of(own, all));
        graph.sortNodes();
        assertThat(distance(sum(graph, 3), sum(graph, 2))).isBetween(1e-3, CLIP + 1e-4);
    }

    @Test
    void step_onAGraphThatLeavesTheNoiseOut_isRefused() {
        Graph graph = honest();
        NodeProto noisy =
                graph.nodes().stream()
                        .filter(node -> node.getInputList().contains("head.bias.noise"))
                        .findFirst()
                        .orElseThrow();
        graph.remove(noisy);
        graph.addNamed(noisy.getOutput(0), "Identity", List.of(noisy.getInput(0)));
        graph.sortNodes();
        assertThatThrownBy(() -> sum(graph, 3))
                .hasMessageContaining("SLM-2010")
                .hasMessageContaining("does not add the noise to the gradient of head.bias");
    }

    private static Graph honest() {
        return PrivateTrainGraph.of(
                ClassifierHead.scoreGraph(SIZE, LABELS),
                ClassifierHead.zeros(SIZE, LABELS),
                LABELS,
                new AdamW());
    }

    private static NodeProto only(Graph graph, String operator) {
        return graph.nodes().stream()
                .filter(node -> node.getOpType().equals(operator))
                .reduce(
                        (one, other) -> {
                            throw new AssertionError("two nodes " + operator);
                        })
                .orElseThrow();
    }

    /** Of cross-entropy by weight [Y, C] and bias [Y] at a row. */
    private static double[] gradient(int row) {
        double[] e = new double[LABELS];
        double total = 0;
        for (int c = 0; c < LABELS; c++) {
            double z = BIAS[c];
            for (int i = 0; i < SIZE; i++) {
                z += WEIGHT[c * SIZE + i] * ROWS[row][i];
            }
            e[c] = Math.exp(z);
            total += e[c];
        }
        double[] gradient = new double[LABELS * SIZE + LABELS];
        for (int c = 0; c < LABELS; c++) {
            double error = e[c] / total - (Math.min(row, 1) == c ? 1 : 0);
            for (int i = 0; i < SIZE; i++) {
                gradient[c * SIZE + i] = error * ROWS[row][i];
            }
            gradient[LABELS * SIZE + c] = error;
        }
        return gradient;
    }

    /**
     * What the optimiser got of the first rows, in one step of a training with next to no noise:
     * the first moment tells.
     */
    private double[] sum(Graph graph, int rows) throws IOException {
        return sum(graph, rows, 1);
    }

    private double[] sum(Graph graph, int rows, int threads) throws IOException {
        Path file = directory.resolve("graph" + rows + ".onnx");
        Files.write(file, graph.toBytes());
        Sessions sessions = new Sessions(OrtEnvironment.getEnvironment(), threads);
        OrtSession session = sessions.ofOneThread().open(file);
        Watched watched = new Watched(sessions, session);
        List<LabelledText> texts = new ArrayList<>();
        IntStream.range(0, rows).forEach(i -> texts.add(new LabelledText("" + i, Math.min(i, 1))));
        try {
            Trainer.of(watched, manifest())
                    .train(
                            new TrainingData(texts, List.of(), List.of()),
                            new TrainingSettings(0, 1, 1)
                                    .withPrivacy(new PrivateTraining(CLIP, 1e-9, 1)),
                            (epoch, epochs, loss) -> true);
        } finally {
            Sessions.close(session);
        }
        double[] sum = new double[LABELS * SIZE + LABELS];
        float[] weight = watched.after.get("head.weight.m");
        float[] bias = watched.after.get("head.bias.m");
        for (int i = 0; i < sum.length; i++) {
            float moment = i < weight.length ? weight[i] : bias[i - weight.length];
            sum[i] = (double) moment * rows / BETA_1;
        }
        return sum;
    }

    private PackageManifest manifest() throws IOException {
        String json =
                "{\"format\":\"crosslm-slm\",\"version\":1,\"engine\":\"onnx\","
                        + "\"labels\":[\"good\",\"bad\"],"
                        + "\"files\":[{\"name\":\"x\",\"size\":1,\"sha256\":\"0\"}],"
                        + "\"training\":{\"learningRate\":0.05,\"beta1\":0.9,\"beta2\":0.999,"
                        + "\"warmUp\":0,\"weightDecay\":0,\"inverseStrength\":0,\"epochs\":1,"
                        + "\"batchSize\":0,\"poolRowsPerStep\":0,\"stopStandardErrors\":1}}";
        Files.write(directory.resolve("manifest.json"), json.getBytes(StandardCharsets.UTF_8));
        return PackageManifest.read(directory, "onnx");
    }

    private static double norm(double[] values) {
        double squares = 0;
        for (double value : values) {
            squares += value * value;
        }
        return Math.sqrt(squares);
    }

    private static double distance(double[] a, double[] b) {
        double[] difference = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            difference[i] = a[i] - b[i];
        }
        return norm(difference);
    }

    /** Trains a graph and keeps the state after the last private step. */
    private static final class Watched implements TrainableGraph<Features.Rows> {
        private final Sessions sessions;
        private final OrtSession graph;
        private final Features features;
        private final Map<String, float[]> after = new HashMap<>();

        Watched(Sessions sessions, OrtSession graph) {
            this.sessions = sessions;
            this.graph = graph;
            features = new NumberedRows(sessions, ROWS);
        }

        @Override
        public Features.Rows rows(List<String> texts) {
            return features.rowsApart(texts, () -> true);
        }

        @Override
        public float[][] logits(Features.Rows rows, int count, Parameters parameters) {
            return new float[count][];
        }

        @Override
        public TrainingRun<Features.Rows> begin(Features.Rows rows, TrainingRows targets) {
            Map<String, long[]> shapes = new LinkedHashMap<>();
            shapes.put("head.weight", new long[] {LABELS, SIZE});
            shapes.put("head.bias", new long[] {LABELS});
            Map<String, float[]> values = new LinkedHashMap<>();
            values.put("head.weight", WEIGHT);
            values.put("head.bias", BIAS);
            OnnxTrainingRun run =
                    new OnnxTrainingRun(
                            sessions,
                            graph,
                            graph,
                            new Parameters(shapes, values),
                            new TrainingBatches(sessions, features, rows, targets),
                            sessions.threads(),
                            () -> true);
            return new TrainingRun<>() {
                @Override
                public double step(int[] indexes, StepScalars scalars) {
                    throw new AssertionError("expected private steps");
                }

                @Override
                public double privateStep(int[] indexes, StepScalars scalars, PrivateStep privacy) {
                    double loss = run.privateStep(indexes, scalars, privacy);
                    after.putAll(run.state());
                    return loss;
                }

                @Override
                public float[][] logits(Features.Rows some, int count) {
                    return new float[count][];
                }

                @Override
                public Parameters snapshot() {
                    return run.snapshot();
                }

                @Override
                public void close() {
                    run.close();
                }
            };
        }
    }
}
