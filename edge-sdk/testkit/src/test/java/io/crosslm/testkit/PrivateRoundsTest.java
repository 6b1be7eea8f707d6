package io.crosslm.testkit;

import static io.crosslm.testkit.EdgeRig.ROUND;
import static io.crosslm.testkit.EdgeRig.TASK;
import static io.crosslm.testkit.EdgeRig.batch;
import static io.crosslm.testkit.EdgeRig.pool;
import static io.crosslm.testkit.EdgeRig.scores;
import static io.crosslm.testkit.EdgeRig.trainingReport;
import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.edge.DeviceStatus;
import io.crosslm.edge.EdgeClient;
import io.crosslm.edge.EdgeException.Code;
import io.crosslm.edge.model.ModelException;
import io.crosslm.edge.model.TrainingData;
import io.crosslm.edge.model.TrainingListener;
import io.crosslm.edge.model.TrainingSettings;
import io.crosslm.edge.privacy.PrivacyGuarantee;
import io.crosslm.edge.privacy.RandomizedResponse;
import io.crosslm.edge.store.LedgerEntry;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.wire.Announcement;
import io.crosslm.protocol.wire.DpSgdTerms;
import io.crosslm.protocol.wire.EncodedPart;
import io.crosslm.protocol.wire.ErrorReport;
import io.crosslm.protocol.wire.RandomizedResponseTerms;
import io.crosslm.protocol.wire.ReportForm;
import io.crosslm.protocol.wire.ReportedScores;
import io.crosslm.protocol.wire.ScoreReport;
import io.crosslm.protocol.wire.Step;
import io.crosslm.protocol.wire.Terms;
import io.crosslm.protocol.wire.TrainingReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What leaves a device under a task's privacy modes, and what it counts. */
final class PrivateRoundsTest {
    private static final String BROKER = "tcp://memory:1";
    private static final RoundNumber SECOND = new RoundNumber(2);

    @TempDir private Path directory;
    private final InMemoryBroker broker = new InMemoryBroker();
    private EdgeRig rig;
    private FakeCoordinator coordinator;
    private EdgeClient client;

    @BeforeEach
    void start() throws Exception {
        rig = new EdgeRig(directory);
        coordinator = new FakeCoordinator(broker, BROKER);
        client = rig.client(broker, BROKER).build();
        client.start();
    }

    @AfterEach
    void stop() {
        client.close();
        coordinator.close();
        rig.close();
    }

    private static Terms.Builder dpSgd(double epsilon) {
        return Terms.newBuilder()
                .setPrivacyMode("dp-sgd")
                .setReportForm(ReportForm.REPORT_FORM_TOP)
                .setDpSgd(
                        DpSgdTerms.newBuilder()
                                .setEpsilon(epsilon)
                                .setDelta(1e-5)
                                .setClipNorm(1)
                                .setTrainings(1));
    }

    private static Terms.Builder answers(double epsilon, double totalEpsilon) {
        return Terms.newBuilder()
                .setPrivacyMode("randomized-response")
                .setReportForm(ReportForm.REPORT_FORM_TOP)
                .setRandomizedResponse(
                        RandomizedResponseTerms.newBuilder()
                                .setEpsilon(epsilon)
                                .setTotalEpsilon(totalEpsilon)
                                .setDelta(1e-5));
    }

    private void open(RoundNumber round, int samples, Terms.Builder terms) throws Exception {
        List<EncodedPart> parts = batch(round, samples);
        coordinator.publishBatch(TASK, round, parts);
        Announcement announcement = rig.scoring(round, parts);
        coordinator.announce(announcement.toBuilder().setTerms(terms).build());
    }

    private void train(RoundNumber round, Terms.Builder terms) throws Exception {
        List<EncodedPart> parts = pool(round, 20);
        coordinator.publishPool(TASK, round, parts);
        coordinator.announce(rig.training(round, parts).toBuilder().setTerms(terms).build());
    }

    private void await(String event) {
        coordinator.await("the event " + event, () -> rig.heard.has(event));
    }

    private void awaitRefusal(String message) {
        coordinator.await(
                "the refusal " + message,
                () ->
                        rig.heard.problems().stream()
                                .anyMatch(
                                        problem ->
                                                problem.code() == Code.TERMS_REFUSED
                                                        && (problem.getMessage() + "")
                                                                .contains(message)));
    }

    private long trainings() {
        return rig.heard.events().stream().filter("private model"::equals).count();
    }

    @Test
    void dpSgd_overTwoRounds_paysOnceAndTellsNothingOfPrivateTexts() throws Exception {
        open(ROUND, 10, dpSgd(8));
        coordinator.awaitReport(scores(ROUND));
        train(ROUND, dpSgd(8));
        TrainingReport report = coordinator.awaitReport(trainingReport(ROUND)).getTraining();
        await("receipted 1 training accepted");
        open(SECOND, 10, dpSgd(8));
        await("receipted 2 scores accepted");

        assertThat(report.getWithheld()).isTrue();
        assertThat(report.hasStandalone() || report.hasWithPool() || report.getKept()).isFalse();
        assertThat(report.getPrivateExamples() + report.getTrainingMillis()).isZero();
        assertThat(report.getPoolSamples()).isEqualTo(20);
        assertThat(trainings()).isEqualTo(1);
        assertThat(rig.heard.events()).filteredOn(e -> e.startsWith("spent")).hasSize(1);
        PrivacyGuarantee limit = new PrivacyGuarantee(8, 1e-5);
        DeviceStatus.Privacy privacy = DeviceStatus.read(rig.storage).tasks().get(0).privacy();
        assertThat(privacy).isNotNull();
        assertThat(privacy.limit()).isEqualTo(limit);
        assertThat(privacy.spent().epsilon()).isBetween(7.9, 8.0);
        assertThat(client.ledger())
                .hasSize(3)
                .extracting(LedgerEntry::spent)
                .containsOnly(privacy.spent());
    }

    @Test
    void dpSgd_afterARestart_isNotPaidAgain() throws Exception {
        open(ROUND, 10, dpSgd(8));
        await("receipted 1 scores accepted");
        client.close();
        client = rig.client(broker, BROKER).build();
        client.start();
        open(SECOND, 10, dpSgd(8));
        await("receipted 2 scores accepted");
        assertThat(trainings()).isEqualTo(1);
    }

    @Test
    void dpSgd_withExamplesThatChanged_scoresWithTheModelThatWasPaid() throws Exception {
        open(ROUND, 10, dpSgd(8));
        await("receipted 1 scores accepted");
        rig.examples.become(new EdgeRig.Examples(14));
        open(SECOND, 10, dpSgd(8));
        await("receipted 2 scores accepted");
        assertThat(trainings()).isEqualTo(1);
        assertThat(rig.heard.problems()).isEmpty();
    }

    @Test
    void dpSgd_whoseModelIsGone_isPaidAnewAndRefusedWhereNothingIsLeft() throws Exception {
        open(ROUND, 10, dpSgd(8));
        await("receipted 1 scores accepted");
        client.close();
        try (Stream<Path> files = Files.walk(rig.storage)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".model")).toList()) {
                Files.delete(file);
            }
        }
        client = rig.client(broker, BROKER).build();
        client.start();
        open(SECOND, 10, dpSgd(8));
        awaitRefusal("where the device allows 8.000");
        assertThat(trainings()).isEqualTo(1);
        assertThat(coordinator.report(scores(SECOND))).isNull();
    }

    @Test
    void dpSgd_withFewerExamplesOnceAllIsSpent_stillTrainsTheAppsModel() throws Exception {
        open(ROUND, 10, dpSgd(8));
        await("receipted 1 scores accepted");
        rig.examples.become(new EdgeRig.Examples(12, 2));
        train(ROUND, dpSgd(8));
        await("receipted 1 training accepted");
        assertThat(rig.heard.outcomes())
                .singleElement()
                .satisfies(o -> assertThat(o.validationExamples()).isEqualTo(2));
        assertThat(rig.heard.problems()).isEmpty();
    }

    @Test
    void dpSgd_whereThereWasNoMode_staysAgreed() throws Exception {
        coordinator.publishBatch(TASK, ROUND, batch(ROUND, 10));
        coordinator.announce(rig.scoring(ROUND, batch(ROUND, 10)));
        await("receipted 1 scores accepted");
        open(SECOND, 10, dpSgd(8));
        await("receipted 2 scores accepted");
        RoundNumber third = new RoundNumber(3);
        coordinator.publishBatch(TASK, third, batch(third, 10));
        coordinator.announce(rig.scoring(third, batch(third, 10)));
        awaitRefusal("looser than \"dp-sgd\"");
    }

    @Test
    void dpSgd_loosened_isRefused() throws Exception {
        open(ROUND, 10, dpSgd(8));
        await("receipted 1 scores accepted");
        open(SECOND, 10, dpSgd(9));
        awaitRefusal("allows more than epsilon 8.0");
        // The listener hears of it before the coordinator does.
        coordinator.await("an error", () -> !coordinator.errors().isEmpty());
        assertThat(coordinator.report(scores(SECOND))).isNull();
        assertThat(coordinator.errors().get(0).getCode()).isEqualTo("EDGE-3013");
    }

    @Test
    void dpSgd_tightenedAfterAllIsSpent_scoresOnOnlyWithWhatWasTrained() throws Exception {
        open(ROUND, 10, dpSgd(8));
        await("receipted 1 scores accepted");
        open(SECOND, 10, dpSgd(2));
        await("receipted 2 scores accepted");
        assertThat(trainings()).isEqualTo(1);
    }

    @Test
    void dpSgd_afterRoundsWithoutPrivacy_doesNotUseThatModel() throws Exception {
        coordinator.publishBatch(TASK, ROUND, batch(ROUND, 10));
        coordinator.announce(rig.scoring(ROUND, batch(ROUND, 10)));
        await("receipted 1 scores accepted");
        open(SECOND, 10, dpSgd(8));
        await("receipted 2 scores accepted");
        assertThat(trainings()).isEqualTo(2);
    }

    /** That it failed would be an answer about private texts, and cost nothing. */
    @Test
    void trainingThatFails_underAPrivacyMode_isReportedAsAnyOther() throws Exception {
        open(ROUND, 10, dpSgd(8));
        await("receipted 1 scores accepted");
        rig.examples.become(new EdgeRig.Examples(0));
        train(ROUND, dpSgd(8));
        TrainingReport report = coordinator.awaitReport(trainingReport(ROUND)).getTraining();

        assertThat(report.getWithheld()).isTrue();
        assertThat(report.getPoolSamples()).isPositive();
        assertThat(coordinator.errors()).isEmpty();
        assertThat(rig.heard.hasProblem(Code.BAD_EXAMPLES)).isTrue();
    }

    /** What an engine remembers of private texts must not meet the coordinator's. */
    @Test
    void model_underAPrivacyMode_isOpenedAnewBeforeTheCoordinatorsTexts() throws Exception {
        List<String> seen = new CopyOnWriteArrayList<>();
        restart(
                new WatchedEngine.Watch() {
                    @Override
                    public void opens() {
                        seen.add("opened");
                    }

                    @Override
                    public void trains(TrainingSettings settings, TrainingListener listener) {
                        seen.add("private");
                    }

                    @Override
                    public void scores(List<String> texts) {
                        seen.add(isPrivate(texts.get(0)) ? "private" : "synthetic");
                    }
                });
        open(ROUND, 10, dpSgd(8));
        await("receipted 1 scores accepted");

        int scored = seen.indexOf("synthetic");
        assertThat(seen.subList(0, scored)).contains("private").endsWith("opened");
        assertThat(seen.subList(scored, seen.size())).containsOnly("synthetic");
    }

    @Test
    void estimate_underAPrivacyMode_isNotOfThePrivateTexts() throws Exception {
        List<TrainingData> asked = new CopyOnWriteArrayList<>();
        restart(
                new WatchedEngine.Watch() {
                    @Override
                    public void estimates(TrainingData data) {
                        asked.add(data);
                    }
                });
        open(ROUND, 10, dpSgd(8));
        await("receipted 1 scores accepted");
        train(ROUND, dpSgd(8));
        await("receipted 1 training accepted");

        assertThat(asked).hasSize(2);
        assertThat(asked)
                .flatExtracting(TrainingData::training)
                .hasSizeGreaterThan(100)
                .noneMatch(example -> isPrivate(example.text()));
        // Steps of the app's training have rows of the pool beside them.
        assertThat(asked.get(1).pool()).hasSize(20);
    }

    private static boolean isPrivate(String text) {
        return text.contains(EdgeRig.Examples.CANARY);
    }

    @Test
    void examplesThatDoNotFit_underAPrivacyMode_areNotToldOf() throws Exception {
        rig.examples.become(new EdgeRig.Examples(0));
        open(ROUND, 10, dpSgd(8));
        coordinator.await("an error", () -> !coordinator.errors().isEmpty());
        ErrorReport error = coordinator.errors().get(0);
        assertThat(error.getCode()).isEqualTo("EDGE-3014");
        assertThat(error.getMessage()).startsWith("withheld under the privacy mode dp-sgd");
        assertThat(rig.heard.problems().get(0)).hasMessageContaining("there are none");
    }

    /** As an engine's that was interrupted and kept what it had; the second time it goes on. */
    @Test
    void dpSgd_interruptedOnceItIsPaid_goesOnWithTheSameNoiseAndItsHalfDoneFile() throws Exception {
        byte[] halfDone = {1, 2, 3};
        List<TrainingSettings> begun = new CopyOnWriteArrayList<>();
        List<byte[]> found = new CopyOnWriteArrayList<>();
        WatchedEngine.Watch watch =
                new WatchedEngine.Watch() {
                    @Override
                    public void trains(TrainingSettings settings, TrainingListener listener) {
                        begun.add(settings);
                        if (begun.size() > 1) {
                            found.add(halfDone(settings, null));
                            return;
                        }
                        halfDone(settings, halfDone);
                        while (listener.stepDone(1, 2)) {
                            Thread.onSpinWait();
                        }
                        throw new ModelException(ModelException.Code.CANCELLED, "by the test");
                    }
                };
        restart(watch);
        open(ROUND, 10, dpSgd(8));
        coordinator.await("a training", () -> !begun.isEmpty());
        assertThat(rig.heard.events()).filteredOn(e -> e.startsWith("spent")).hasSize(1);
        restart(watch);
        await("receipted 1 scores accepted");

        assertThat(begun).hasSize(2);
        assertThat(begun.get(1)).isEqualTo(begun.get(0));
        assertThat(begun.get(0).privacy()).isNotNull();
        assertThat(found).singleElement().isEqualTo(halfDone);
        assertThat(rig.heard.events()).filteredOn(e -> e.startsWith("spent")).hasSize(1);
        assertThat(rig.heard.problems()).isEmpty();
    }

    @Test
    void dpSgd_withAPackageThatAddsNoNoise_isRefusedBeforeItIsPaid() throws Exception {
        restart(
                new WatchedEngine.Watch() {
                    @Override
                    public void checksPrivateTraining() {
                        throw new ModelException(ModelException.Code.NOT_PRIVATE, "no noise");
                    }
                });
        open(ROUND, 10, dpSgd(8));
        coordinator.await("an error", () -> !coordinator.errors().isEmpty());

        assertThat(rig.heard.problems().get(0)).hasMessageContaining("SLM-2010");
        assertThat(rig.heard.events()).noneMatch(e -> e.startsWith("spent"));
        assertThat(trainings()).isZero();
    }

    /** The second of two trainings: what is left then would ask for more noise. */
    @Test
    void dpSgd_interruptedInALaterTraining_goesOnWithTheNoiseThatWasPaid() throws Exception {
        List<TrainingSettings> begun = new CopyOnWriteArrayList<>();
        WatchedEngine.Watch watch =
                new WatchedEngine.Watch() {
                    @Override
                    public void trains(TrainingSettings settings, TrainingListener listener) {
                        begun.add(settings);
                        while (begun.size() == 2 && listener.stepDone(1, 2)) {
                            Thread.onSpinWait();
                        }
                        if (begun.size() == 2) {
                            throw new ModelException(ModelException.Code.CANCELLED, "by the test");
                        }
                    }
                };
        Terms.Builder twoTrainings = dpSgd(8);
        twoTrainings.setDpSgd(twoTrainings.getDpSgd().toBuilder().setTrainings(2));
        restart(watch);
        open(ROUND, 10, twoTrainings);
        await("receipted 1 scores accepted");
        rig.examples.become(new EdgeRig.Examples(14));
        open(SECOND, 10, twoTrainings);
        coordinator.await("a second training", () -> begun.size() == 2);
        restart(watch);
        await("receipted 2 scores accepted");

        assertThat(begun).hasSize(3);
        assertThat(begun.get(2)).isEqualTo(begun.get(1));
        assertThat(rig.heard.events()).filteredOn(e -> e.startsWith("spent")).hasSize(2);
        assertThat(rig.heard.problems()).isEmpty();
    }

    /** Writes or reads the file of a half-done training. */
    private static byte[] halfDone(TrainingSettings settings, byte @Nullable [] bytes) {
        Path file = settings.halfDone();
        if (file == null) {
            throw new AssertionError("expected a file for a half-done training");
        }
        try {
            return bytes == null
                    ? Files.readAllBytes(file)
                    : Files.readAllBytes(Files.write(file, bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void restart(WatchedEngine.Watch watch) {
        client.close();
        client = rig.client(broker, BROKER, new WatchedEngine(watch)).build();
        client.start();
    }

    @Test
    void randomizedResponse_ofAnotherBatchInTheSameRound_isPaidAnew() throws Exception {
        CountDownLatch scores = new CountDownLatch(1);
        CountDownLatch changed = new CountDownLatch(1);
        restart(
                new WatchedEngine.Watch() {
                    @Override
                    public void scores(List<String> texts) {
                        if (texts.get(0).startsWith("synthetic")) {
                            scores.countDown();
                            waitFor(changed);
                        }
                    }
                });
        open(ROUND, 300, answers(1, 900));
        waitFor(scores);
        open(ROUND, 40, answers(1, 900));
        coordinator.await(
                "both announcements",
                () ->
                        rig.heard.events().stream().filter("announced 1 SCORING"::equals).count()
                                == 2);
        changed.countDown();
        ScoreReport report = coordinator.awaitReport(scores(ROUND)).getScores();

        assertThat(report.getSampleCount()).isEqualTo(40);
        DeviceStatus.Privacy privacy = DeviceStatus.read(rig.storage).tasks().get(0).privacy();
        assertThat(privacy).isNotNull();
        assertThat(privacy.queries()).isEqualTo(2);
        // 300 answers that never left, and 40.
        assertThat(privacy.spent().epsilon())
                .isCloseTo(RandomizedResponse.of(2, 1).loss().times(340).epsilon(1e-5), within());
        assertThat(client.ledger()).extracting(LedgerEntry::spent).containsOnly(privacy.spent());
    }

    private static void waitFor(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    @Test
    void randomizedResponse_whoseRecordIsLost_isRefused() throws Exception {
        open(ROUND, 10, answers(1, 900));
        await("receipted 1 scores accepted");
        client.close();
        try (Stream<Path> files = Files.walk(rig.storage)) {
            for (Path file : files.filter(f -> f.endsWith("privacy.budget")).toList()) {
                Files.delete(file);
            }
        }
        client = rig.client(broker, BROKER).build();
        client.start();
        open(SECOND, 10, answers(1, 900));
        awaitRefusal("is gone, though reports left at epsilon");
        assertThat(coordinator.report(scores(SECOND))).isNull();
    }

    @Test
    void randomizedResponse_ofABatch_tellsOneDrawnLabelOfEachSample() throws Exception {
        int samples = 400;
        open(ROUND, samples, answers(1, 900));
        ScoreReport report = coordinator.awaitReport(scores(ROUND)).getScores();
        int[] intended = new int[samples];
        for (int i = 0; i < samples; i++) {
            intended[i] = i % 2;
        }
        ReportedScores read =
                ReportedScores.decode(report.getForm(), report.getScores(), 2, intended);
        double truth = RandomizedResponse.of(2, 1).truthProbability();
        int asIntended = 0;
        for (int i = 0; i < samples; i++) {
            double told = read.distribution(i)[intended[i]];
            assertThat(Math.max(told, 1 - told)).isCloseTo(truth, within());
            asIntended += told > 0.5 ? 1 : 0;
        }
        // The model is right of all samples, so that answers keep to them 73 of 100 times.
        double deviation = Math.sqrt(samples * truth * (1 - truth));
        assertThat((double) asIntended)
                .isBetween(samples * truth - 5 * deviation, samples * truth + 5 * deviation);
    }

    /** That it failed would be an answer about private texts, and cost nothing. */
    @Test
    void randomizedResponse_whosePrivateTrainingFails_answersAndPaysAsAnyOther() throws Exception {
        restart(
                new WatchedEngine.Watch() {
                    @Override
                    public void trains(TrainingSettings settings, TrainingListener listener) {
                        throw new ModelException(ModelException.Code.RUNTIME, "on this text");
                    }
                });
        assertAnswersWithoutModel(Code.MODEL);
    }

    @Test
    void randomizedResponse_whoseExamplesDoNotFit_answersAndPaysAsAnyOther() throws Exception {
        rig.examples.become(new EdgeRig.Examples(0));
        assertAnswersWithoutModel(Code.BAD_EXAMPLES);
    }

    private void assertAnswersWithoutModel(Code problem) throws Exception {
        int samples = 400;
        open(ROUND, samples, answers(1, 900));
        ScoreReport report = coordinator.awaitReport(scores(ROUND)).getScores();
        assertThat(rig.heard.hasProblem(problem)).isTrue();
        assertThat(coordinator.errors()).isEmpty();
        int[] intended = new int[samples];
        for (int i = 0; i < samples; i++) {
            intended[i] = i % 2;
        }
        ReportedScores read =
                ReportedScores.decode(report.getForm(), report.getScores(), 2, intended);
        double truth = RandomizedResponse.of(2, 1).truthProbability();
        int first = 0;
        for (int i = 0; i < samples; i++) {
            double told = read.distribution(i)[0];
            assertThat(Math.max(told, 1 - told)).isCloseTo(truth, within());
            first += told > 0.5 ? 1 : 0;
        }
        double deviation = Math.sqrt(samples) / 2;
        assertThat((double) first)
                .isBetween(samples / 2.0 - 5 * deviation, samples / 2.0 + 5 * deviation);
        DeviceStatus.Privacy privacy = DeviceStatus.read(rig.storage).tasks().get(0).privacy();
        assertThat(privacy).isNotNull();
        assertThat(privacy.spent().epsilon())
                .isCloseTo(
                        RandomizedResponse.of(2, 1).loss().times(samples).epsilon(1e-5), within());
        assertThat(DeviceStatus.read(rig.storage).tasks().get(0).notDone()).isNotNull();
    }

    /** It would fail on any device: the operator must know. */
    @Test
    void randomizedResponse_whosePackageCannotBeOpened_saysSoAndPaysNothing() throws Exception {
        restart(
                new WatchedEngine.Watch() {
                    @Override
                    public void opens() {
                        throw new ModelException(ModelException.Code.BAD_PACKAGE, "cut short");
                    }
                });
        open(ROUND, 10, answers(1, 900));
        coordinator.await("an error", () -> !coordinator.errors().isEmpty());
        assertThat(coordinator.errors().get(0).getCode()).isEqualTo("EDGE-3015");
        assertThat(DeviceStatus.read(rig.storage).tasks().get(0).privacy()).isNull();
        assertThat(coordinator.report(scores(ROUND))).isNull();
    }

    private static org.assertj.core.data.Offset<Double> within() {
        return org.assertj.core.data.Offset.offset(0.003);
    }

    @Test
    void randomizedResponse_beyondTheTotal_isRefusedAndSaidToTheCoordinator() throws Exception {
        open(ROUND, 10, answers(1, 12));
        await("receipted 1 scores accepted");
        open(SECOND, 60, answers(1, 12));
        awaitRefusal("where the device allows 12.000");
        coordinator.await("an error", () -> !coordinator.errors().isEmpty());
        assertThat(coordinator.errors().get(0).getMessage()).contains("allows 12.000");
        assertThat(coordinator.errors().get(0).getGivesUp()).isEqualTo(Step.STEP_SCORING);
        assertThat(coordinator.report(scores(SECOND))).isNull();
        DeviceStatus.Privacy privacy = DeviceStatus.read(rig.storage).tasks().get(0).privacy();
        assertThat(privacy).isNotNull();
        assertThat(privacy.queries()).isEqualTo(1);
    }
}
