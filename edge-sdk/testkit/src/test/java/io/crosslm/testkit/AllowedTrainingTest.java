package io.crosslm.testkit;

import static io.crosslm.testkit.EdgeRig.ROUND;
import static io.crosslm.testkit.EdgeRig.TASK;
import static io.crosslm.testkit.EdgeRig.batch;
import static io.crosslm.testkit.EdgeRig.scores;
import static io.crosslm.testkit.MeasuredEngine.MEBIBYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.edge.DeviceStatus;
import io.crosslm.edge.EdgeClient;
import io.crosslm.edge.EdgeException;
import io.crosslm.edge.EdgeException.Code;
import io.crosslm.edge.TrainingForecast;
import io.crosslm.edge.model.TrainingListener;
import io.crosslm.edge.model.TrainingSettings;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.wire.Announcement;
import io.crosslm.protocol.wire.DpSgdTerms;
import io.crosslm.protocol.wire.EncodedPart;
import io.crosslm.protocol.wire.RandomizedResponseTerms;
import io.crosslm.protocol.wire.ReportForm;
import io.crosslm.protocol.wire.Terms;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the app is told of trainings, and those that it does not allow or that do not fit. */
final class AllowedTrainingTest {
    private static final String BROKER = "tcp://memory:1";

    @TempDir private Path directory;
    private final InMemoryBroker broker = new InMemoryBroker();
    private EdgeRig rig;
    private FakeCoordinator coordinator;

    @BeforeEach
    void start() throws Exception {
        rig = new EdgeRig(directory);
        coordinator = new FakeCoordinator(broker, BROKER);
    }

    @AfterEach
    void stop() {
        coordinator.close();
        rig.close();
    }

    private EdgeClient.Builder builder() {
        return rig.client(broker, BROKER, new MeasuredEngine());
    }

    private void open(Terms.Builder terms) throws Exception {
        open(ROUND, terms);
    }

    private void open(RoundNumber round, Terms.Builder terms) throws Exception {
        List<EncodedPart> parts = batch(round, 10);
        coordinator.publishBatch(TASK, round, parts);
        Announcement announcement = rig.scoring(round, parts);
        coordinator.announce(announcement.toBuilder().setTerms(terms).build());
    }

    private static Terms.Builder plain() {
        return Terms.newBuilder().setPrivacyMode("none").setReportForm(ReportForm.REPORT_FORM_TOP);
    }

    private String refusal() {
        coordinator.await("a refusal", () -> rig.heard.hasProblem(Code.TRAINING_REFUSED));
        EdgeException problem =
                rig.heard.problems().stream()
                        .filter(one -> one.code() == Code.TRAINING_REFUSED)
                        .findFirst()
                        .orElseThrow();
        return String.valueOf(problem.getMessage());
    }

    @Test
    void training_withinItsMemory_isForecastWithTimeMemoryAndEnergy() throws Exception {
        EdgeClient.Builder builder = builder().trainingMemory(64 * MEBIBYTE).trainingPower(2.5);
        try (EdgeClient client = builder.build()) {
            client.start();
            open(plain());
            coordinator.awaitReport(scores(ROUND));
        }

        TrainingForecast forecast = rig.heard.forecasts().get(0);
        assertThat(forecast.stepsLeft()).isEqualTo(18);
        assertThat(forecast.timeLeft()).isEqualTo(MeasuredEngine.TIME);
        assertThat(forecast.memoryBytes()).isBetween(61 * MEBIBYTE, 62 * MEBIBYTE);
        assertThat(forecast.joules()).isEqualTo(50.0);
    }

    @Test
    void training_withoutStatedPower_isForecastWithoutEnergy() throws Exception {
        try (EdgeClient client = builder().build()) {
            client.start();
            open(plain());
            coordinator.awaitReport(scores(ROUND));
        }

        assertThat(rig.heard.forecasts().get(0).joules()).isNull();
    }

    @Test
    void training_beyondItsMemory_isRefusedWithWhatWouldFit() throws Exception {
        try (EdgeClient client = builder().trainingMemory(50 * MEBIBYTE).build()) {
            client.start();
            open(plain());

            assertThat(refusal())
                    .contains("needs about 62 MiB beside the model, but only 50 MiB are allowed")
                    .contains("5 instead of 8 texts in a step")
                    .contains("texts of 31 instead of 50 tokens");
        }

        assertThat(rig.heard.forecasts()).isEmpty();
        assertThat(rig.heard.has("private model")).isFalse();
        assertThat(DeviceStatus.read(rig.storage).tasks().get(0).notDone().reason())
                .contains("EDGE-3023");
    }

    /** Examples that do not fit would not be told of: the refusal must not depend on them. */
    @Test
    void training_beyondItsMemoryUnderRandomizedResponse_isRefusedWhateverTheExamples()
            throws Exception {
        rig.examples.become(new EdgeRig.Examples(0));
        try (EdgeClient client = builder().trainingMemory(50 * MEBIBYTE).build()) {
            client.start();
            open(
                    plain().setPrivacyMode("randomized-response")
                            .setRandomizedResponse(
                                    RandomizedResponseTerms.newBuilder()
                                            .setEpsilon(1)
                                            .setTotalEpsilon(900)
                                            .setDelta(1e-5)));

            assertThat(refusal()).contains("only 50 MiB are allowed");
            coordinator.await("an error", () -> !coordinator.errors().isEmpty());
        }

        assertThat(coordinator.errors().get(0).getCode()).isEqualTo("EDGE-3023");
        assertThat(DeviceStatus.read(rig.storage).tasks().get(0).privacy()).isNull();
    }

    @Test
    void training_thatNotEvenOneTextFits_saysWhatIsNeeded() throws Exception {
        try (EdgeClient client = builder().trainingMemory(20 * MEBIBYTE).build()) {
            client.start();
            open(plain());

            assertThat(refusal()).contains("34 MiB are needed with one text in a step");
        }
    }

    @Test
    void training_thatTheAppDoesNotWant_isGivenUp() throws Exception {
        rig.heard.refuseTrainings();
        try (EdgeClient client = builder().build()) {
            client.start();
            open(plain());

            assertThat(refusal()).contains("the app does not want this training: 18 more steps");
        }

        assertThat(rig.heard.has("private model")).isFalse();
    }

    @Test
    void privateTraining_beyondItsMemory_isRefusedBeforeItIsPaid() throws Exception {
        try (EdgeClient client = builder().trainingMemory(50 * MEBIBYTE).build()) {
            client.start();
            open(
                    plain().setPrivacyMode("dp-sgd")
                            .setDpSgd(
                                    DpSgdTerms.newBuilder()
                                            .setEpsilon(4)
                                            .setDelta(1e-5)
                                            .setClipNorm(1)
                                            .setTrainings(1)));
            refusal();
            coordinator.await("an error", () -> !coordinator.errors().isEmpty());
        }

        assertThat(rig.heard.events()).noneMatch(event -> event.startsWith("spent"));
        assertThat(DeviceStatus.read(rig.storage).tasks().get(0).privacy()).isNull();
        // How long the texts are is as private as they.
        assertThat(coordinator.errors().get(0).getCode()).isEqualTo("EDGE-3023");
        assertThat(coordinator.errors().get(0).getMessage()).startsWith("withheld");
    }

    @Test
    void training_thatDoesNotFitIntoTheHeap_isGivenUpAndTheNextRoundIsDone() throws Exception {
        AtomicInteger trainings = new AtomicInteger();
        WatchedEngine.Watch watch =
                new WatchedEngine.Watch() {
                    @Override
                    public void trains(TrainingSettings settings, TrainingListener listener) {
                        if (trainings.incrementAndGet() == 1) {
                            // As the JVM does where an array does not fit.
                            throw new OutOfMemoryError("Java heap space");
                        }
                    }
                };
        try (EdgeClient client = rig.client(broker, BROKER, new WatchedEngine(watch)).build()) {
            client.start();
            open(plain());
            coordinator.await("an error", () -> !coordinator.errors().isEmpty());

            assertThat(coordinator.errors().get(0).getCode()).isEqualTo("EDGE-3015");
            assertThat(coordinator.errors().get(0).getMessage()).contains("the Java heap of");
            assertThat(rig.heard.hasProblem(Code.MODEL)).isTrue();

            RoundNumber next = new RoundNumber(2);
            open(next, plain());
            coordinator.awaitReport(scores(next));
            assertThat(trainings).hasValue(2);
        }
    }

    @Test
    void build_withAnAllowanceThatMakesNoSense_isRefused() {
        assertThatThrownBy(() -> builder().trainingMemory(0)).hasMessageContaining("EDGE-3001");
        assertThatThrownBy(() -> builder().trainingPower(Double.NaN))
                .hasMessageContaining("EDGE-3001");
    }
}
