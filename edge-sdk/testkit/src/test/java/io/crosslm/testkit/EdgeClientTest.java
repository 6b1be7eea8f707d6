package io.crosslm.testkit;

import static io.crosslm.testkit.EdgeRig.DEVICE;
import static io.crosslm.testkit.EdgeRig.ROUND;
import static io.crosslm.testkit.EdgeRig.TASK;
import static io.crosslm.testkit.EdgeRig.batch;
import static io.crosslm.testkit.EdgeRig.pool;
import static io.crosslm.testkit.EdgeRig.scores;
import static io.crosslm.testkit.EdgeRig.trainingReport;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.crosslm.edge.Classification;
import io.crosslm.edge.DeviceStatus;
import io.crosslm.edge.EdgeClient;
import io.crosslm.edge.EdgeException;
import io.crosslm.edge.EdgeException.Code;
import io.crosslm.edge.model.ModelException;
import io.crosslm.edge.store.LedgerEntry;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.TenantId;
import io.crosslm.protocol.topic.Topics;
import io.crosslm.protocol.wire.Announcement;
import io.crosslm.protocol.wire.CancelRound;
import io.crosslm.protocol.wire.Command;
import io.crosslm.protocol.wire.EncodedPart;
import io.crosslm.protocol.wire.Rebirth;
import io.crosslm.protocol.wire.Report;
import io.crosslm.protocol.wire.ReportForm;
import io.crosslm.protocol.wire.ReportedScores;
import io.crosslm.protocol.wire.ScoreReport;
import io.crosslm.protocol.wire.Step;
import io.crosslm.protocol.wire.Terms;
import io.crosslm.protocol.wire.TopScores;
import io.crosslm.protocol.wire.TrainingReport;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The device's rounds over a broker in memory. */
final class EdgeClientTest {
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

    private void open(RoundNumber round, int samples) throws Exception {
        List<EncodedPart> parts = batch(round, samples);
        coordinator.publishBatch(TASK, round, parts);
        coordinator.announce(rig.scoring(round, parts));
    }

    private void train(RoundNumber round, int samples) throws Exception {
        List<EncodedPart> parts = pool(round, samples);
        coordinator.publishPool(TASK, round, parts);
        coordinator.announce(rig.training(round, parts));
    }

    private void restart() {
        client.close();
        client = rig.client(broker, BROKER).build();
        client.start();
    }

    private void await(String event) {
        coordinator.await("the event " + event, () -> rig.heard.has(event));
    }

    private void awaitProblem(Code code) {
        coordinator.await("a problem " + code, () -> rig.heard.hasProblem(code));
    }

    /** Something comes over each of the connections, but none of them lasts. */
    @Test
    void connection_thatIsLostAgainAndAgain_isWaitedForLongerEachTime() {
        client.close();
        long before = connections();
        client =
                rig.client(broker, BROKER)
                        .reconnect(Duration.ofMillis(20), Duration.ofSeconds(5))
                        .build();
        client.start();
        for (int cut = 1; cut <= 8; cut++) {
            int cuts = cut;
            coordinator.await("a connection", () -> connections() - before >= cuts);
            broker.cut(DEVICE.value());
            coordinator.await("a loss", () -> rig.heard.pauses().size() >= cuts);
        }
        assertThat(rig.heard.pauses())
                .anySatisfy(pause -> assertThat(pause).isGreaterThan(Duration.ofMillis(100)));
    }

    @Test
    void round_thatEndedWhileTheDeviceWasAway_isNotWaitedFor() throws Exception {
        List<EncodedPart> parts = batch(ROUND, 10);
        Announcement open = rig.scoring(ROUND, parts);
        coordinator.announce(open);
        await("announced 1 SCORING");
        client.close();
        coordinator.clearAnnouncement(TASK);
        client = rig.client(broker, BROKER).announcementTimeout(Duration.ofMillis(20)).build();
        client.start();
        coordinator.await(
                "the end of the round",
                () -> DeviceStatus.read(rig.storage).tasks().get(0).round() == null);

        // As if it had been open all the time, and the broker slow.
        coordinator.publishBatch(TASK, ROUND, parts);
        coordinator.announce(open);
        assertThat(coordinator.awaitReport(scores(ROUND)).getScores().getSampleCount())
                .isEqualTo(10);
    }

    private long connections() {
        return rig.heard.events().stream().filter(e -> e.startsWith("connected")).count();
    }

    @Test
    void training_whoseModelTheDiskDoesNotTake_isDoneAgain() throws Exception {
        AtomicInteger saves = new AtomicInteger();
        client.close();
        client =
                rig.client(
                                broker,
                                BROKER,
                                new WatchedEngine(
                                        new WatchedEngine.Watch() {
                                            @Override
                                            public void saves() {
                                                if (saves.incrementAndGet() == 1) {
                                                    throw new ModelException(
                                                            ModelException.Code.STORAGE, "full");
                                                }
                                            }
                                        }))
                        .build();
        client.start();
        open(ROUND, 10);
        coordinator.awaitReport(scores(ROUND));

        assertThat(rig.heard.hasProblem(Code.STORAGE)).isTrue();
        assertThat(rig.heard.hasProblem(Code.MODEL)).isFalse();
        assertThat(coordinator.errors())
                .allSatisfy(e -> assertThat(e.getGivesUp()).isEqualTo(Step.STEP_UNSPECIFIED));
    }

    /** The interrupt stands for the 10 s that close waits. */
    @Test
    void close_whileTheEngineComputesOn_keepsTheDirectoryLocked() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        client.close();
        client =
                rig.client(
                                broker,
                                BROKER,
                                new WatchedEngine(
                                        new WatchedEngine.Watch() {
                                            @Override
                                            public void opens() {
                                                begun.countDown();
                                                await(mayEnd);
                                            }
                                        }))
                        .build();
        client.start();
        open(ROUND, 10);
        await(begun);
        Thread.currentThread().interrupt();
        client.close();
        assertThat(Thread.interrupted()).isTrue();

        assertThatThrownBy(() -> rig.client(broker, BROKER).build())
                .hasMessageStartingWith("EDGE-3003");
        mayEnd.countDown();
        coordinator.await("the end of the work", this::isOpenAgain);
        client.start();
        assertThat(coordinator.awaitReport(scores(ROUND)).getScores().getSampleCount())
                .isEqualTo(10);
    }

    private boolean isOpenAgain() {
        try {
            client = rig.client(broker, BROKER).build();
            return true;
        } catch (EdgeException e) {
            return false;
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void packages_thatNothingNames_areDeletedAtTheStart() throws Exception {
        open(ROUND, 10);
        await("receipted 1 scores accepted");
        Path packages = rig.storage.resolve("packages");
        Path downloads = Files.createDirectories(rig.storage.resolve("downloads"));
        String unused = "0".repeat(64);
        Files.write(
                Files.createDirectories(packages.resolve(unused)).resolve("model"), new byte[9]);
        Files.createDirectories(packages.resolve(unused + ".tmp"));
        Files.write(downloads.resolve(unused + ".part"), new byte[9]);
        Path begun = Files.write(downloads.resolve(rig.packageSha256.hex() + ".part"), new byte[9]);
        restart();

        assertThat(packages.toFile().list()).containsExactly(rig.packageSha256.hex());
        assertThat(downloads.toFile().list()).containsExactly(String.valueOf(begun.getFileName()));
        assertThat(client.classify("mood", "a lovely working thing").label()).isEqualTo("good");
    }

    @Test
    void scoring_ofABatch_reportsTopScoresOfThePrivateModel() throws Exception {
        open(ROUND, 40);
        Report report = coordinator.awaitReport(scores(ROUND));
        ScoreReport scores = report.getScores();
        int[] intended = new int[40];
        for (int i = 0; i < intended.length; i++) {
            intended[i] = i % 2;
        }
        TopScores read = TopScores.decode(scores.getScores(), 2, intended);
        for (int i = 0; i < intended.length; i++) {
            assertThat(read.distribution(i)[intended[i]]).isGreaterThan(0.5f);
        }
        await("receipted 1 scores accepted");
        assertThat(client.ledger()).extracting(LedgerEntry::status).containsExactly("accepted");
    }

    @ParameterizedTest
    @CsvSource({"REPORT_FORM_INTENDED, 40", "REPORT_FORM_DISTRIBUTION, 80"})
    void scoring_inAnotherForm_reportsInThatForm(ReportForm form, int bytes) throws Exception {
        List<EncodedPart> parts = batch(ROUND, 40);
        coordinator.publishBatch(TASK, ROUND, parts);
        Announcement asked = rig.scoring(ROUND, parts);
        coordinator.announce(
                asked.toBuilder()
                        .setTerms(asked.getTerms().toBuilder().setReportForm(form))
                        .build());
        ScoreReport scores = coordinator.awaitReport(scores(ROUND)).getScores();
        int[] intended = new int[40];
        for (int i = 0; i < intended.length; i++) {
            intended[i] = i % 2;
        }
        assertThat(scores.getForm()).isEqualTo(form);
        assertThat(scores.getScores().size()).isEqualTo(bytes);
        ReportedScores read = ReportedScores.decode(form, scores.getScores(), 2, intended);
        for (int i = 0; i < intended.length; i++) {
            assertThat(read.distribution(i)[intended[i]]).isGreaterThan(0.5f);
        }
    }

    @Test
    void training_onThePool_reportsBothModelsAndKeepsTheNewOne() throws Exception {
        train(ROUND, 30);
        TrainingReport report = coordinator.awaitReport(trainingReport(ROUND)).getTraining();
        assertThat(report.getStandalone().getValidation().getTotal()).isEqualTo(6);
        assertThat(report.getWithPool().getTest().getTotal()).isEqualTo(8);
        assertThat(report.getWithPool().getTestMacroF1()).isBetween(0.5, 1.0);
        assertThat(report.getKept()).isTrue();
        assertThat(report.getPrivateExamples()).isEqualTo(12);
        assertThat(report.getPoolSamples()).isEqualTo(30);
        assertThat(report.getBytesReceived()).isPositive();
        assertThat(client.classify("mood", "a lovely thing").modelVersion())
                .isEqualTo("mood/round-1");
    }

    @Test
    void training_withEmptyPool_reportsAsWell() throws Exception {
        train(ROUND, 0);
        TrainingReport report = coordinator.awaitReport(trainingReport(ROUND)).getTraining();
        assertThat(report.getWithPool()).isEqualTo(report.getStandalone());
    }

    @Test
    void classify_beforeTheFirstRound_saysThereIsNoModel() {
        assertThatThrownBy(() -> client.classify("mood", "text"))
                .isInstanceOfSatisfying(
                        EdgeException.class, e -> assertThat(e.code()).isEqualTo(Code.NO_MODEL));
    }

    @Test
    void classify_afterPreparation_usesThePrivateModel() throws Exception {
        coordinator.announce(rig.announcement(ROUND, Step.STEP_GENERATING).build());
        await("private model");
        Classification said = client.classify("mood", "a lovely working thing");
        assertThat(said.label()).isEqualTo("good");
        assertThat(said.probability()).isBetween(0.5, 1.0);
        assertThat(said.modelVersion()).isEqualTo("mood/private");
    }

    @Test
    void classify_ofUnknownTask_saysSo() {
        assertThatThrownBy(() -> client.classify("other", "text"))
                .hasMessageStartingWith("EDGE-3020");
    }

    @Test
    void privateModel_overSeveralRounds_isTrainedOnce() throws Exception {
        open(ROUND, 10);
        await("receipted 1 scores accepted");
        train(ROUND, 10);
        await("receipted 1 training accepted");
        restart();
        open(SECOND, 10);
        await("receipted 2 scores accepted");
        assertThat(rig.heard.events()).filteredOn("private model"::equals).hasSize(1);
        assertThat(rig.heard.events()).filteredOn("package"::equals).hasSize(1);
    }

    @Test
    void parts_afterTheirAnnouncement_areWaitedFor() throws Exception {
        List<EncodedPart> parts = batch(ROUND, 8);
        coordinator.announce(rig.scoring(ROUND, parts));
        await("announced 1 SCORING");
        assertThat(coordinator.report(scores(ROUND))).isNull();
        coordinator.publishBatch(TASK, ROUND, parts);
        coordinator.awaitReport(scores(ROUND));
    }

    @Test
    void part_withOtherBytesThanAnnounced_costsAnErrorReportAndNotTheRound() throws Exception {
        List<EncodedPart> parts = batch(ROUND, 8);
        coordinator.publishBatch(TASK, ROUND, batch(ROUND, 9));
        coordinator.announce(rig.scoring(ROUND, parts));
        awaitProblem(Code.BAD_MESSAGE);
        coordinator.publishBatch(TASK, ROUND, parts);
        coordinator.awaitReport(scores(ROUND));
        coordinator.await("one error", () -> coordinator.errors().size() == 1);
        assertThat(coordinator.errors().get(0).getCode()).isEqualTo("EDGE-3010");
        assertThat(coordinator.sessionNumber(DEVICE)).isEqualTo(1);
    }

    @Test
    void garbage_onEveryTopic_costsErrorsAndNotTheSession() throws Exception {
        Topics topics = Topics.of(TenantId.DEFAULT);
        ByteString garbage = ByteString.copyFrom(new byte[] {1, 2, 3, -1});
        coordinator.publishRaw(topics.announcement(TASK).name(), garbage);
        coordinator.publishRaw(topics.command(DEVICE).name(), garbage);
        awaitProblem(Code.BAD_MESSAGE);
        open(ROUND, 8);
        coordinator.awaitReport(scores(ROUND));
        assertThat(coordinator.sessionNumber(DEVICE)).isEqualTo(1);
    }

    @Test
    void announcement_olderThanTheLast_isIgnored() throws Exception {
        Announcement old = rig.announcement(SECOND, Step.STEP_SCORING).build();
        open(ROUND, 8);
        coordinator.awaitReport(scores(ROUND));
        List<EncodedPart> parts = batch(SECOND, 4);
        coordinator.publishBatch(TASK, SECOND, parts);
        coordinator.announce(old.toBuilder().addBatchParts(parts.get(0).reference()).build());
        train(ROUND, 4);
        coordinator.awaitReport(trainingReport(ROUND));
        assertThat(rig.heard.events()).doesNotContain("announced 2 SCORING");
    }

    @Test
    void announcement_ofAnEpochBeforeTheCoordinators_isIgnored() throws Exception {
        coordinator.startEpoch(5);
        open(ROUND, 8);
        List<EncodedPart> parts = batch(SECOND, 8);
        coordinator.publishBatch(TASK, SECOND, parts);
        coordinator.announce(rig.scoring(SECOND, parts).toBuilder().setEpoch(5).build());
        coordinator.awaitReport(scores(SECOND));
        assertThat(coordinator.report(scores(ROUND))).isNull();
    }

    @Test
    void device_thatIsNotSelected_doesNotScore() throws Exception {
        List<EncodedPart> parts = batch(ROUND, 8);
        coordinator.announce(
                rig.scoring(ROUND, parts).toBuilder().setSelectionThreshold(0).build());
        await("skipped 1 SCORING: not selected for this round");
        assertThat(broker.subscriptions(DEVICE.value()))
                .noneMatch(filter -> filter.contains("batch"));
    }

    @Test
    void deadline_inThePast_endsTheStep() throws Exception {
        List<EncodedPart> parts = batch(ROUND, 8);
        coordinator.publishBatch(TASK, ROUND, parts);
        coordinator.announce(rig.scoring(ROUND, parts).toBuilder().setDeadlineMillis(1).build());
        await("skipped 1 SCORING: the deadline has passed");
    }

    @Test
    void terms_thatAreUnknown_areRefusedWithAnError() throws Exception {
        List<EncodedPart> parts = batch(ROUND, 8);
        coordinator.publishBatch(TASK, ROUND, parts);
        Announcement announcement = rig.scoring(ROUND, parts);
        Terms terms = announcement.getTerms().toBuilder().setPrivacyMode("publish-all").build();
        coordinator.announce(announcement.toBuilder().setTerms(terms).build());
        coordinator.await("an error", () -> !coordinator.errors().isEmpty());
        assertThat(coordinator.errors().get(0).getCode()).isEqualTo("EDGE-3013");
    }

    @Test
    void labels_thatChangeAfterJoining_areRefused() throws Exception {
        open(ROUND, 8);
        coordinator.awaitReport(scores(ROUND));
        List<EncodedPart> parts = batch(SECOND, 8);
        coordinator.publishBatch(TASK, SECOND, parts);
        coordinator.announce(
                rig.scoring(SECOND, parts).toBuilder()
                        .clearLabels()
                        .addAllLabels(List.of("good", "bad"))
                        .build());
        awaitProblem(Code.TERMS_REFUSED);
        assertThat(coordinator.report(scores(SECOND))).isNull();
    }

    @Test
    void examples_withLabelsOfAnotherTask_areCountedAndNotShown() throws Exception {
        List<EncodedPart> parts = batch(ROUND, 8);
        coordinator.publishBatch(TASK, ROUND, parts);
        coordinator.announce(
                rig.scoring(ROUND, parts).toBuilder()
                        .clearLabels()
                        .addAllLabels(List.of("good", "ugly"))
                        .build());
        awaitProblem(Code.BAD_EXAMPLES);
        assertThat(rig.heard.problems().get(0))
                .hasMessage(
                        "EDGE-3014: 6 of 12 training examples have a label that the task does not"
                                + " have; it has good, ugly");
    }

    @Test
    void examples_thatChangeBetweenTwoSteps_trainThePrivateModelAnewOnce() throws Exception {
        open(ROUND, 10);
        await("receipted 1 scores accepted");
        rig.examples.become(new EdgeRig.Examples(14));
        train(ROUND, 10);
        TrainingReport report = coordinator.awaitReport(trainingReport(ROUND)).getTraining();
        await("receipted 1 training accepted");
        open(SECOND, 10);
        await("receipted 2 scores accepted");
        assertThat(report.getPrivateExamples()).isEqualTo(14);
        assertThat(rig.heard.events()).filteredOn("private model"::equals).hasSize(2);
    }

    @Test
    void examples_thatDidNotFitAndAreMended_areScoredWithInTheSameStep() throws Exception {
        rig.examples.become(new EdgeRig.Examples(0));
        List<EncodedPart> parts = batch(ROUND, 8);
        Announcement announcement = rig.scoring(ROUND, parts);
        coordinator.publishBatch(TASK, ROUND, parts);
        coordinator.announce(announcement);
        awaitProblem(Code.BAD_EXAMPLES);
        rig.examples.become(new EdgeRig.Examples());
        // Any message makes the device look at its work; without one it does so every minute.
        coordinator.announce(announcement);
        coordinator.awaitReport(scores(ROUND));
    }

    @Test
    void receipt_thatDoesNotCome_makesTheSameReportComeAgain() throws Exception {
        coordinator.withholdReceipts(true);
        open(ROUND, 8);
        coordinator.await("the report twice", () -> coordinator.reports() >= 2);
        coordinator.withholdReceipts(false);
        await("receipted 1 scores duplicate");
        assertThat(coordinator.committed()).hasSize(1);
    }

    @Test
    void cancel_ofARound_endsItsWork() throws Exception {
        List<EncodedPart> parts = batch(ROUND, 8);
        coordinator.announce(rig.scoring(ROUND, parts));
        await("announced 1 SCORING");
        coordinator.send(
                DEVICE,
                Command.newBuilder()
                        .setCancelRound(CancelRound.newBuilder().setTask(TASK.value()).setRound(1))
                        .build());
        coordinator.publishBatch(TASK, ROUND, parts);
        open(SECOND, 8);
        coordinator.awaitReport(scores(SECOND));
        assertThat(coordinator.report(scores(ROUND))).isNull();
    }

    @Test
    void rebirth_asked_publishesTheBirthAgain() throws Exception {
        coordinator.await("the birth", () -> coordinator.isOnline(DEVICE));
        String state = Topics.of(TenantId.DEFAULT).deviceState(DEVICE).name();
        coordinator.send(
                DEVICE, Command.newBuilder().setRebirth(Rebirth.getDefaultInstance()).build());
        coordinator.await(
                "two births",
                () ->
                        broker.published().stream()
                                        .filter(message -> message.topic().equals(state))
                                        .count()
                                == 2);
    }

    @Test
    void close_saysGoodByeAndFreesTheDirectory() {
        coordinator.await("the birth", () -> coordinator.isOnline(DEVICE));
        client.close();
        coordinator.await("the death", () -> !coordinator.isOnline(DEVICE));
        restart();
        coordinator.await("another birth", () -> coordinator.isOnline(DEVICE));
    }

    @Test
    void secondClient_onTheSameDirectory_isRefused() {
        assertThatThrownBy(() -> rig.client(broker, BROKER).build())
                .isInstanceOfSatisfying(
                        EdgeException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.STORAGE_IN_USE));
    }

    @Test
    void brokerOutage_duringARound_losesNothing() throws Exception {
        coordinator.withholdReceipts(true);
        open(ROUND, 8);
        coordinator.awaitReport(scores(ROUND));
        broker.cut(DEVICE.value());
        coordinator.await("a new session", () -> coordinator.sessionNumber(DEVICE) == 2);
        coordinator.withholdReceipts(false);
        await("receipted 1 scores duplicate");
        assertThat(broker.cuts()).isEqualTo(1);
    }

    @Test
    void package_thatIsAnother_isNotUnpacked() throws Exception {
        rig.artifacts.putWrong(
                rig.packageSha256, "not the package".repeat(100).getBytes(StandardCharsets.UTF_8));
        open(ROUND, 8);
        awaitProblem(Code.ARTIFACT);
        assertThat(rig.heard.events()).doesNotContain("package");
    }

    @Test
    void package_cutInTheMiddle_isResumed() throws Exception {
        rig.artifacts.cutAfter(100);
        open(ROUND, 8);
        coordinator.awaitReport(scores(ROUND));
        assertThat(rig.artifacts.requests())
                .anyMatch(request -> request.contains(" bytes=100- Bearer secret"));
    }

    @Test
    void everythingPublished_holdsNoPrivateText() throws Exception {
        open(ROUND, 20);
        await("receipted 1 scores accepted");
        train(ROUND, 20);
        await("receipted 1 training accepted");
        assertThat(broker.published())
                .allSatisfy(
                        message ->
                                assertThat(message.payload().toString(StandardCharsets.ISO_8859_1))
                                        .doesNotContain(EdgeRig.Examples.CANARY));
    }

    @Test
    void birth_namesEnginesAndTasks() {
        coordinator.await("the birth", () -> coordinator.isOnline(DEVICE));
        assertThat(broker.retained(Topics.of(TenantId.DEFAULT).deviceState(DEVICE).name()))
                .isNotNull()
                .satisfies(
                        birth ->
                                assertThat(birth.payload().toStringUtf8())
                                        .contains("formula", "mood"));
    }
}
