package io.crosslm.edge.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.crosslm.edge.model.LabelledText;
import io.crosslm.edge.model.ModelException;
import io.crosslm.edge.model.PrivateTraining;
import io.crosslm.edge.model.SoftLabelledText;
import io.crosslm.edge.model.TrainingData;
import io.crosslm.edge.model.TrainingListener;
import io.crosslm.edge.model.TrainingPlan;
import io.crosslm.edge.model.TrainingSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TrainerTest {
    private static final int EPOCHS = 6;
    private static final int STEPS_PER_EPOCH = 3; // 12 examples, 4 in a step

    @TempDir Path directory;

    private Path halfDone;
    private TrainingSettings settings;

    @BeforeEach
    void chooseFile() {
        halfDone = directory.resolve("half-done.training");
        settings = new TrainingSettings(0.5, EPOCHS, 7).withHalfDone(halfDone);
    }

    @Test
    void train_interruptedAtAnyStep_comesToTheSameBits() throws IOException {
        Trainer.Outcome whole = train(new LogisticGraph(2, true), settings, uninterrupted());
        byte[] expected = bits(whole);

        for (int at = 1; at < EPOCHS * STEPS_PER_EPOCH; at++) {
            LogisticGraph graph = new LogisticGraph(2, true);
            assertCancelled(graph, stopAt(at));
            assertThat(halfDone).exists();
            Trainer.Outcome outcome = train(graph, settings, uninterrupted());

            assertThat(bits(outcome)).as("interrupted at step %d", at).isEqualTo(expected);
            assertThat(outcome.summary()).isEqualTo(whole.summary());
            assertThat(graph.stepsMade).isEqualTo(EPOCHS * STEPS_PER_EPOCH);
            assertThat(halfDone).doesNotExist();
        }
    }

    @Test
    void train_interruptedThriceAndAfterEpochs_comesToTheSameBits() throws IOException {
        byte[] expected = bits(train(new LogisticGraph(2, true), settings, uninterrupted()));
        LogisticGraph graph = new LogisticGraph(2, true);

        assertCancelled(graph, stopAfterEpoch(1));
        assertCancelled(graph, stopAt(7));
        assertCancelled(graph, stopAfterEpoch(EPOCHS));
        Trainer.Outcome outcome = train(graph, settings, uninterrupted());

        assertThat(bits(outcome)).isEqualTo(expected);
        assertThat(graph.stepsMade).isEqualTo(EPOCHS * STEPS_PER_EPOCH);
    }

    @Test
    void train_otherDataOrDamagedFile_beginsAnew() throws IOException {
        LogisticGraph graph = new LogisticGraph(2, true);
        assertCancelled(graph, stopAt(5));
        byte[] kept = Files.readAllBytes(halfDone);

        Trainer.of(graph, manifest("")).train(data(11), settings, uninterrupted());
        assertThat(graph.stepsMade).isEqualTo(5 + EPOCHS * STEPS_PER_EPOCH);

        kept[kept.length / 2] ^= 1;
        Files.write(halfDone, kept);
        graph.stepsMade = 0;
        train(graph, settings, uninterrupted());
        assertThat(graph.stepsMade).isEqualTo(EPOCHS * STEPS_PER_EPOCH);
    }

    @Test
    void train_killedWithoutAWord_goesOnFromTheLastHalfMinute() throws IOException {
        AtomicLong nanos = new AtomicLong();
        LogisticGraph graph = new LogisticGraph(2, true);
        TrainingListener killed =
                new TrainingListener() {
                    @Override
                    public boolean epochDone(int epoch, int epochs, double loss) {
                        return true;
                    }

                    @Override
                    public boolean stepDone(int step, int steps) {
                        if (step == 9) {
                            throw new IllegalStateException("as if killed");
                        }
                        return true;
                    }
                };

        // Looks at the clock come 10 s after each other: two a step.
        assertThatThrownBy(
                        () ->
                                Trainer.of(
                                                graph,
                                                manifest(""),
                                                () -> nanos.addAndGet(10_000_000_000L),
                                                new Random(1))
                                        .train(data(12), settings, killed))
                .hasMessage("as if killed");
        Trainer.Outcome outcome = train(graph, settings, uninterrupted());

        assertThat(graph.stepsMade).isBetween(19, 20);
        assertThat(bits(outcome))
                .isEqualTo(bits(train(new LogisticGraph(2, true), settings, uninterrupted())));
    }

    @Test
    void train_runtimeThatFailsOnTheKeptState_failsOnceAndBeginsAnew() throws IOException {
        LogisticGraph graph = new LogisticGraph(2, true);
        assertCancelled(graph, stopAt(5));
        graph.failsToResume = true;

        assertThatThrownBy(() -> train(graph, settings, uninterrupted()))
                .hasMessageContaining("no resumption");
        assertThat(halfDone).doesNotExist();
        graph.stepsMade = 0;
        train(graph, settings, uninterrupted());
        assertThat(graph.stepsMade).isEqualTo(EPOCHS * STEPS_PER_EPOCH);
    }

    @Test
    void train_runtimeThatCannotTellItsState_beginsAnew() {
        LogisticGraph graph = new LogisticGraph(2, false);

        assertCancelled(graph, stopAt(5));

        assertThat(halfDone).doesNotExist();
        train(graph, settings, uninterrupted());
        assertThat(graph.stepsMade).isEqualTo(5 + EPOCHS * STEPS_PER_EPOCH);
    }

    /** As on a full disk: what would only save time is left out. */
    @Test
    void train_fileThatCannotBeWritten_goesOnToTheSameBits() throws IOException {
        TrainingSettings nowhere =
                new TrainingSettings(0.5, EPOCHS, 7)
                        .withHalfDone(directory.resolve("missing").resolve("file"));
        AtomicLong nanos = new AtomicLong();
        Trainer.Outcome outcome =
                Trainer.of(
                                new LogisticGraph(2, true),
                                manifest(""),
                                () -> nanos.addAndGet(20_000_000_000L),
                                new Random(1))
                        .train(data(12), nowhere, uninterrupted());

        assertThat(bits(outcome))
                .isEqualTo(bits(train(new LogisticGraph(2, true), settings, uninterrupted())));
        assertThatThrownBy(() -> train(new LogisticGraph(2, true), nowhere, stopAt(2)))
                .isInstanceOfSatisfying(
                        ModelException.class,
                        e -> assertThat(e.code()).isEqualTo(ModelException.Code.CANCELLED));
    }

    /** Examples times steps are more than an int holds. */
    @Test
    void epoch_ofManyExamples_hasEachOnce() {
        int count = 200_000;
        TrainingData many =
                new TrainingData(
                        Collections.nCopies(count, new LabelledText("a", 0)), List.of(), List.of());
        BatchOrder order =
                new BatchOrder(
                        new TrainingRows(many, 2, 0, 0), manifest("").optimiser(), new Random(1));

        List<int[]> epoch = order.epoch();

        assertThat(epoch).hasSize(count / 4);
        assertThat(epoch.stream().flatMapToInt(Arrays::stream).sorted().toArray())
                .isEqualTo(IntStream.range(0, count).toArray());
    }

    @Test
    void train_twoStepsDone_saysWhatIsLeft() {
        List<TrainingPlan> plans = new ArrayList<>();
        AtomicLong nanos = new AtomicLong();
        TrainingListener listener =
                new TrainingListener() {
                    @Override
                    public boolean epochDone(int epoch, int epochs, double loss) {
                        return true;
                    }

                    @Override
                    public boolean planned(TrainingPlan plan) {
                        plans.add(plan);
                        return true;
                    }
                };

        Trainer.of(
                        new LogisticGraph(2, true),
                        manifest(""),
                        () -> nanos.addAndGet(1_000_000),
                        new Random(1))
                .train(data(12), settings, listener);

        // 16 steps of 1 ms; six times 6 validation rows at half a step of 4 + 2 rows.
        assertThat(plans)
                .containsExactly(new TrainingPlan(16, EPOCHS, 16, Duration.ofMillis(16 + 3)));
    }

    @Test
    void train_planRefused_isCancelledBeforeTheRest() {
        LogisticGraph graph = new LogisticGraph(2, true);
        TrainingListener listener =
                new TrainingListener() {
                    @Override
                    public boolean epochDone(int epoch, int epochs, double loss) {
                        return true;
                    }

                    @Override
                    public boolean planned(TrainingPlan plan) {
                        return false;
                    }
                };

        assertCancelled(graph, listener);

        assertThat(graph.stepsMade).isEqualTo(2);
    }

    @Test
    void train_patience_endsWhenValidationGetsNoBetter() {
        LogisticGraph graph = new LogisticGraph(2, true);
        List<LabelledText> wrong = new ArrayList<>();
        for (LabelledText example : data(12).training()) {
            wrong.add(new LabelledText(example.text(), 1 - example.label()));
        }
        TrainingData hopeless = new TrainingData(data(12).training(), wrong, List.of());

        Trainer.Outcome outcome =
                Trainer.of(graph, manifest(",\"patience\":2"))
                        .train(hopeless, new TrainingSettings(0, EPOCHS, 7), uninterrupted());

        assertThat(outcome.summary().epochs()).isEqualTo(3);
        assertThat(outcome.summary().bestEpoch()).isEqualTo(1);
        assertThat(graph.stepsMade).isEqualTo(3 * STEPS_PER_EPOCH);
    }

    @Test
    void train_private_drawsSamplesAndNoiseAsStated() {
        LogisticGraph graph = new LogisticGraph(2, true);
        TrainingData data = new TrainingData(data(40).training(), List.of(), List.of());
        PrivateTraining privacy = new PrivateTraining(0.5, 2, 0.25);

        Trainer.Outcome outcome =
                Trainer.of(graph, manifest(""), System::nanoTime, new Random(3))
                        .train(
                                data,
                                new TrainingSettings(0, 50, 7).withPrivacy(privacy),
                                uninterrupted());

        assertThat(graph.privateSteps).hasSize(50 * 4);
        double rows = 0;
        double squares = 0;
        for (int i = 0; i < graph.privateSteps.size(); i++) {
            PrivateStep step = graph.privateSteps.get(i);
            rows += graph.privateRows.get(i).length;
            assertThat(step.expectedRows()).isEqualTo(10);
            assertThat(step.clipNorm()).isEqualTo(0.5);
            for (float value : step.noise().get("w")) {
                squares += (double) value * value;
            }
        }
        assertThat(rows / 200).isCloseTo(10, within(1.0));
        // 200 x 64 values of deviation 2 x 0.5.
        assertThat(Math.sqrt(squares / (200 * 64))).isCloseTo(1, within(0.03));
        assertThat(outcome.summary().bestEpoch()).isEqualTo(50);
    }

    /**
     * Noise that rounds to 0, everybody in each step, nothing clipped: plain steps over all rows.
     */
    @Test
    void train_privateWithoutEffect_comesToThePlainResult() {
        TrainingData data = new TrainingData(data(4).training(), List.of(), List.of());
        TrainingSettings plain = new TrainingSettings(0, EPOCHS, 7);
        LogisticGraph graph = new LogisticGraph(2, true);

        float[] expected =
                Trainer.of(graph, manifest(""))
                        .train(data, plain, uninterrupted())
                        .state()
                        .parameters()
                        .values("w");
        float[] actual =
                Trainer.of(graph, manifest(""))
                        .train(
                                data,
                                plain.withPrivacy(new PrivateTraining(1e3, 1e-60, 1)),
                                uninterrupted())
                        .state()
                        .parameters()
                        .values("w");

        for (int k = 0; k < expected.length; k++) {
            assertThat(actual[k]).isCloseTo(expected[k], within(1e-4f));
        }
    }

    @Test
    void train_private_looksAtNoValidationText() throws IOException {
        PrivateTraining privacy = new PrivateTraining(1, 1, 0.5);
        TrainingData with = new TrainingData(data(12).training(), data(12).validation(), List.of());
        TrainingData without = new TrainingData(data(12).training(), List.of(), List.of());
        List<byte[]> results = new ArrayList<>();
        for (TrainingData data : List.of(with, without)) {
            Trainer.Outcome outcome =
                    Trainer.of(
                                    new LogisticGraph(2, true),
                                    manifest(",\"patience\":1,\"classBalance\":1"),
                                    System::nanoTime,
                                    new Random(4))
                            .train(
                                    data,
                                    new TrainingSettings(0, EPOCHS, 7).withPrivacy(privacy),
                                    uninterrupted());
            assertThat(outcome.state().temperature()).isEqualTo(1);
            results.add(bits(outcome));
        }

        assertThat(results.get(0)).isEqualTo(results.get(1));
    }

    @Test
    void train_privateWithAPool_isRefused() {
        TrainingSettings settings =
                new TrainingSettings(0.5, EPOCHS, 7).withPrivacy(new PrivateTraining(1, 1, 0.5));

        assertThatThrownBy(() -> train(new LogisticGraph(2, true), settings, uninterrupted()))
                .isInstanceOfSatisfying(
                        ModelException.class,
                        e -> assertThat(e.code()).isEqualTo(ModelException.Code.BAD_DATA));
    }

    @Test
    void weights_skewedLabels_areBalancedAndStillAverageOne() {
        List<LabelledText> skewed = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            skewed.add(new LabelledText("text " + i, i < 9 ? 0 : 1));
        }
        int[] all = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
        TrainingData data = new TrainingData(skewed, List.of(), List.of());

        float[] plain = new TrainingRows(data, 3, 0, 0).weights(all);
        float[] half = new TrainingRows(data, 3, 0, 0.5).weights(all);
        float[] full = new TrainingRows(data, 3, 0, 1).weights(all);

        assertThat(plain).containsOnly(1f / 12);
        // Nine weigh as much as three: 1/18 each against 1/6.
        assertThat(full[0]).isCloseTo(1f / 18, within(1e-7f));
        assertThat(full[11]).isCloseTo(1f / 6, within(1e-7f));
        assertThat(half[11] / half[0]).isCloseTo((float) Math.sqrt(3), within(1e-6f));
        for (float[] weights : new float[][] {half, full}) {
            float sum = 0;
            for (float weight : weights) {
                sum += weight;
            }
            assertThat(sum).isCloseTo(1, within(1e-6f));
        }
    }

    @Test
    void train_skewedSiloWithBalance_findsTheRareLabelMoreOften() {
        List<LabelledText> skewed = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            boolean rare = i % 10 == 0;
            skewed.add(new LabelledText((rare ? "bbba" : "aaab") + "cdefgh", rare ? 1 : 0));
        }
        TrainingData data = new TrainingData(skewed, List.of(), List.of());
        TrainingSettings few = new TrainingSettings(0, 2, 7);

        LogisticGraph graph = new LogisticGraph(2, true);
        double plain =
                rare(graph, Trainer.of(graph, manifest("")).train(data, few, uninterrupted()));
        double balanced =
                rare(
                        graph,
                        Trainer.of(graph, manifest(",\"classBalance\":1"))
                                .train(data, few, uninterrupted()));

        assertThat(plain).isLessThan(0);
        assertThat(balanced).isGreaterThan(0);
    }

    /** How much more the rare label's text looks like the rare label. */
    private static double rare(LogisticGraph graph, Trainer.Outcome outcome) {
        float[] logits =
                graph.logits(graph.rows(List.of("bbbacdefgh")), 1, outcome.state().parameters())[0];
        return logits[1] - logits[0];
    }

    private Trainer.Outcome train(
            LogisticGraph graph, TrainingSettings with, TrainingListener listener) {
        return Trainer.of(graph, manifest("")).train(data(12), with, listener);
    }

    private void assertCancelled(LogisticGraph graph, TrainingListener listener) {
        assertThatThrownBy(() -> train(graph, settings, listener))
                .isInstanceOfSatisfying(
                        ModelException.class,
                        e -> assertThat(e.code()).isEqualTo(ModelException.Code.CANCELLED));
    }

    private byte[] bits(Trainer.Outcome outcome) throws IOException {
        Path file = directory.resolve("bits");
        outcome.state().write(file, new byte[32]);
        return Files.readAllBytes(file);
    }

    private static TrainingListener uninterrupted() {
        return TrainingListener.noop();
    }

    private static TrainingListener stopAfterEpoch(int last) {
        return (epoch, epochs, loss) -> epoch < last;
    }

    private static TrainingListener stopAt(int last) {
        return new TrainingListener() {
            @Override
            public boolean epochDone(int epoch, int epochs, double loss) {
                return true;
            }

            @Override
            public boolean stepDone(int step, int steps) {
                return step < last;
            }
        };
    }

    /** Texts by formula, of two labels; 6 of validation, 4 of a pool. */
    private static TrainingData data(int count) {
        List<LabelledText> training = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            training.add(text(i));
        }
        List<LabelledText> validation = new ArrayList<>();
        for (int i = 100; i < 106; i++) {
            validation.add(text(i));
        }
        List<SoftLabelledText> pool = new ArrayList<>();
        for (int i = 200; i < 204; i++) {
            float p = 0.2f + 0.15f * (i - 200);
            pool.add(new SoftLabelledText(text(i).text(), new float[] {p, 1 - p}));
        }
        return new TrainingData(training, validation, pool);
    }

    private static LabelledText text(int i) {
        StringBuilder text = new StringBuilder();
        for (int k = 0; k < 9; k++) {
            text.append((char) ('a' + (i * i + 3 * k * i + k) % 26));
        }
        return new LabelledText(text.toString(), i % 2);
    }

    private PackageManifest manifest(String more) {
        String json =
                "{\"format\":\"crosslm-slm\",\"version\":1,\"labels\":[\"good\",\"bad\"],"
                        + "\"files\":[{\"name\":\"x\",\"size\":1,\"sha256\":\"0\"}],"
                        + "\"training\":{\"learningRate\":0.05,\"beta1\":0.9,\"beta2\":0.999,"
                        + "\"warmUp\":0.1,\"weightDecay\":0,\"inverseStrength\":0,\"epochs\":50,"
                        + "\"batchSize\":4,\"poolRowsPerStep\":2,\"stopStandardErrors\":1"
                        + more
                        + "}}";
        try {
            Files.write(directory.resolve("manifest.json"), json.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return PackageManifest.read(directory);
    }
}
