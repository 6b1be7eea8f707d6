package io.crosslm.edge.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import io.crosslm.edge.engine.Parameters;
import io.crosslm.edge.engine.StepScalars;
import io.crosslm.edge.engine.TrainingRows;
import io.crosslm.edge.model.LabelledText;
import io.crosslm.edge.model.TrainingData;
import io.crosslm.slm.autodiff.AdamW;
import io.crosslm.slm.classifier.ClassifierHead;
import io.crosslm.slm.classifier.TrainGraph;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Steps of a head with two labels and three features, against AdamW as its paper writes it, in
 * double precision.
 */
final class OnnxTrainingRunTest {
    private static final int SIZE = 3;
    private static final int LABELS = 2;
    private static final int STEPS = 5;
    private static final double RATE = 0.05;
    private static final double DECAY = 0.1;
    private static final float[][] ROWS = {{0.1f, 1, 0.5f}, {0, 2, -1}, {3, -2, 1}};
    private static final float[] PARAMETERS = {0.2f, -0.1f, 0.3f, 0, 0.4f, -0.2f, 0.1f, -0.1f};
    private static final int[] ALL = {0, 1, 2};

    @TempDir private Path directory;

    @Test
    void steps_areThoseOfTheFormula() throws IOException {
        double[] p = new double[PARAMETERS.length];
        IntStream.range(0, p.length).forEach(i -> p[i] = PARAMETERS[i]);
        double[] m = new double[p.length];
        double[] v = new double[p.length];
        try (Opened opened = new Opened(directory)) {
            for (int t = 1; t <= STEPS; t++) {
                double[] g = new double[p.length];
                double expected = gradient(p, g);
                for (int i = 0; i < p.length; i++) {
                    m[i] = 0.9 * m[i] + 0.1 * g[i];
                    v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
                    double step = m[i] / (1 - Math.pow(0.9, t));
                    double size = Math.sqrt(v[i] / (1 - Math.pow(0.999, t))) + 1e-8;
                    p[i] -= RATE * (step / size + DECAY * p[i]);
                }

                assertThat(opened.run.step(ALL, scalars(t))).isCloseTo(expected, within(1e-6));
                assertThat(opened.parameters()).as("step %d", t).containsExactly(p, within(1e-5));
            }
        }
    }

    @Test
    void state_afterAStep_isNoViewOfMomentsThatTheNextStepWritesOver() throws IOException {
        try (Opened opened = new Opened(directory)) {
            opened.run.step(ALL, scalars(1));
            opened.run.step(ALL, scalars(2));
            Map<String, float[]> kept = opened.run.state();
            float[] moments = kept.get("head.weight.m").clone();
            opened.run.step(ALL, scalars(3));

            assertThat(kept.get("head.weight.m")).containsExactly(moments);
            assertThat(opened.run.state().get("head.weight.m")).isNotEqualTo(moments);
        }
    }

    /** All of a parameter is taken away by a decay of 1 / rate. */
    @Test
    void step_thatTakesAllAway_leavesTheChange() throws IOException {
        try (Opened opened = new Opened(directory)) {
            opened.run.step(ALL, new StepScalars(RATE, 1 / RATE, 1 - 0.9, 1 - 0.999, 0));

            for (double parameter : opened.parameters()) {
                assertThat(Math.abs(parameter)).isCloseTo(RATE, within(1e-5));
            }
        }
    }

    private static StepScalars scalars(int step) {
        return new StepScalars(RATE, DECAY, 1 - Math.pow(0.9, step), 1 - Math.pow(0.999, step), 0);
    }

    /** Mean cross-entropy of the rows; row i has label i % 2. */
    private static double gradient(double[] p, double[] gradient) {
        double loss = 0;
        for (int row = 0; row < ROWS.length; row++) {
            double[] e = new double[LABELS];
            for (int c = 0; c < LABELS; c++) {
                double z = p[LABELS * SIZE + c];
                for (int i = 0; i < SIZE; i++) {
                    z += p[c * SIZE + i] * ROWS[row][i];
                }
                e[c] = Math.exp(z);
            }
            for (int c = 0; c < LABELS; c++) {
                boolean right = row % 2 == c;
                double probability = e[c] / (e[0] + e[1]);
                double error = (probability - (right ? 1 : 0)) / ROWS.length;
                loss -= right ? Math.log(probability) / ROWS.length : 0;
                for (int i = 0; i < SIZE; i++) {
                    gradient[c * SIZE + i] += error * ROWS[row][i];
                }
                gradient[LABELS * SIZE + c] += error;
            }
        }
        return loss;
    }

    /** A run on the head's train graph. */
    private static final class Opened implements AutoCloseable {
        private final OrtSession graph;
        private final OnnxTrainingRun run;

        Opened(Path directory) throws IOException {
            Path file = directory.resolve("train.onnx");
            Files.write(
                    file,
                    TrainGraph.of(
                                    ClassifierHead.scoreGraph(SIZE, LABELS),
                                    ClassifierHead.zeros(SIZE, LABELS),
                                    LABELS,
                                    new AdamW())
                            .toBytes());
            Sessions sessions = new Sessions(OrtEnvironment.getEnvironment(), 1);
            graph = sessions.open(file);
            List<LabelledText> texts =
                    IntStream.range(0, ROWS.length)
                            .mapToObj(i -> new LabelledText("" + i, i % 2))
                            .toList();
            TrainingRows rows =
                    new TrainingRows(new TrainingData(texts, List.of(), List.of()), LABELS, 0, 0);
            Features features = new NumberedRows(sessions, ROWS);
            run =
                    new OnnxTrainingRun(
                            sessions,
                            graph,
                            graph,
                            new Parameters(
                                    Map.of(
                                            ClassifierHead.WEIGHT, new long[] {LABELS, SIZE},
                                            ClassifierHead.BIAS, new long[] {LABELS}),
                                    Map.of(
                                            ClassifierHead.WEIGHT, values(0, LABELS * SIZE),
                                            ClassifierHead.BIAS, values(LABELS * SIZE, LABELS))),
                            new TrainingBatches(
                                    sessions,
                                    features,
                                    features.rows(List.of("0", "1", "2"), () -> true),
                                    rows),
                            1,
                            () -> true);
        }

        private static float[] values(int from, int count) {
            return Arrays.copyOfRange(PARAMETERS, from, from + count);
        }

        double[] parameters() {
            Parameters now = run.snapshot();
            return IntStream.range(0, PARAMETERS.length)
                    .mapToDouble(
                            i ->
                                    i < LABELS * SIZE
                                            ? now.values(ClassifierHead.WEIGHT)[i]
                                            : now.values(ClassifierHead.BIAS)[i - LABELS * SIZE])
                    .toArray();
        }

        @Override
        public void close() {
            run.close();
            Sessions.close(graph);
        }
    }
}
