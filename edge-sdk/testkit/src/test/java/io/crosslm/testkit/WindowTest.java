package io.crosslm.testkit;

import static io.crosslm.testkit.EdgeRig.ROUND;
import static io.crosslm.testkit.EdgeRig.TASK;
import static io.crosslm.testkit.EdgeRig.batch;
import static io.crosslm.testkit.EdgeRig.pool;
import static io.crosslm.testkit.EdgeRig.scores;
import static io.crosslm.testkit.EdgeRig.trainingReport;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.crosslm.edge.EdgeClient;
import io.crosslm.edge.EdgeException;
import io.crosslm.edge.RunOutcome;
import io.crosslm.edge.RunOutcome.Result;
import io.crosslm.edge.link.LinkException;
import io.crosslm.edge.link.PahoLink;
import io.crosslm.edge.store.LedgerEntry;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.wire.Announcement;
import io.crosslm.protocol.wire.EncodedPart;
import io.crosslm.protocol.wire.Report;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a device does within a window of time. */
final class WindowTest {
    private static final String BROKER = "tcp://memory:1";
    private static final Duration WINDOW = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofSeconds(6);

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

    @Test
    void window_withoutARound_endsEarly() {
        assertThat(run(WINDOW)).isEqualTo(new RunOutcome(Result.NO_ROUND, 0, "no round is open"));
    }

    @Test
    void window_withABatchToScore_reportsAndWaitsForTheReceipt() throws Exception {
        openBatch(coordinator, 40);

        assertThat(run(WINDOW))
                .isEqualTo(new RunOutcome(Result.DONE, 1, "all that was due is done"));

        assertThat(coordinator.committed()).containsExactly(scores(ROUND));
        assertThat(run(WINDOW).result()).isEqualTo(Result.NOTHING_DUE);
        assertThat(coordinator.committed()).containsExactly(scores(ROUND));
    }

    @Test
    void window_withAPoolToTrainOn_givesTheAppItsModel() throws Exception {
        List<EncodedPart> parts = pool(ROUND, 30);
        coordinator.publishPool(TASK, ROUND, parts);
        coordinator.announce(rig.training(ROUND, parts));
        try (EdgeClient client = rig.client(broker, BROKER).build()) {
            assertThat(client.runOnce(WINDOW).reports()).isEqualTo(1);

            assertThat(client.classify(TASK.value(), "a lovely working day").label())
                    .isEqualTo("good");
        }
        assertThat(coordinator.committed()).containsExactly(trainingReport(ROUND));
    }

    @Test
    void window_whoseDeviceIsNotSelected_saysWhyNothingWasDone() throws Exception {
        List<EncodedPart> parts = batch(ROUND, 4);
        Announcement nobody =
                rig.scoring(ROUND, parts).toBuilder().setSelectionThreshold(0).build();
        coordinator.publishBatch(TASK, ROUND, parts);
        coordinator.announce(nobody);

        assertThat(run(WINDOW))
                .isEqualTo(new RunOutcome(Result.NOTHING_DUE, 0, "not selected for this round"));
    }

    @Test
    void window_thatEndsBeforeTheReceipt_leavesTheReportToTheNextOne() throws Exception {
        coordinator.withholdReceipts(true);
        openBatch(coordinator, 40);
        RunOutcome first = run(SHORT);
        assertThat(first.result()).isEqualTo(Result.UNFINISHED);
        assertThat(first.detail())
                .isEqualTo("1 messages wait for their receipt; they are sent again");
        Report sent = coordinator.report(scores(ROUND));

        coordinator.withholdReceipts(false);
        RunOutcome second = run(WINDOW);

        assertThat(second.result()).isEqualTo(Result.DONE);
        assertThat(second.reports()).isEqualTo(1);
        assertThat(coordinator.report(scores(ROUND))).isEqualTo(sent);
        assertThat(coordinator.committed()).containsExactly(scores(ROUND));
    }

    @Test
    void window_underANewIdentity_doesNotSendWhatTheOldOneMade() throws Exception {
        coordinator.withholdReceipts(true);
        openBatch(coordinator, 10);
        try (EdgeClient client = rig.client(broker, BROKER).build()) {
            client.start();
            coordinator.awaitReport(scores(ROUND));
        }
        coordinator.withholdReceipts(false);
        int before = coordinator.reports();

        try (EdgeClient client = rig.clientOf(new DeviceId("silo-9"), broker, BROKER).build()) {
            assertThat(client.ledger()).extracting(LedgerEntry::status).containsExactly("dropped");
            assertThat(client.runOnce(WINDOW).result()).isEqualTo(Result.NOTHING_DUE);
        }
        assertThat(coordinator.reports()).isEqualTo(before);
    }

    @Test
    void window_withoutABroker_isOffline() {
        try (EdgeClient client =
                rig.client(
                                (settings, listener) -> {
                                    throw new LinkException(
                                            LinkException.Reason.UNREACHABLE, "no network");
                                },
                                BROKER)
                        .build()) {
            assertThat(client.runOnce(SHORT))
                    .isEqualTo(new RunOutcome(Result.OFFLINE, 0, "no network"));
        }
    }

    @Test
    void window_belowTheShortest_triesNothing() {
        assertThat(run(Duration.ofSeconds(2)).result()).isEqualTo(Result.WINDOW_TOO_SHORT);
        assertThat(rig.heard.has("connected")).isFalse();
    }

    @Test
    void window_ofAClientThatIsStarted_isRefused() {
        try (EdgeClient client = rig.client(broker, BROKER).build()) {
            client.start();

            assertThatThrownBy(() -> client.runOnce(WINDOW))
                    .isInstanceOfSatisfying(
                            EdgeException.class,
                            e -> assertThat(e.code()).isEqualTo(EdgeException.Code.CLOSED));
        }
    }

    @Test
    void start_afterAWindow_goesOnAsAService() throws Exception {
        try (EdgeClient client = rig.client(broker, BROKER).build()) {
            assertThat(client.runOnce(WINDOW).result()).isEqualTo(Result.NO_ROUND);
            client.start();
            openBatch(coordinator, 10);

            assertThat(coordinator.awaitReport(scores(ROUND)).getScores().getSampleCount())
                    .isEqualTo(10);
        }
    }

    @Test
    void window_afterTheProcessDiedBetweenJournalAndPublish_sendsTheJournalledReport()
            throws Exception {
        HiveMqBroker real = HiveMqBroker.shared();
        try (FakeCoordinator there = new FakeCoordinator(new PahoLink(), real.uri())) {
            openBatch(there, 40);
            Process device =
                    DeviceProcess.start(
                            rig, real.uri(), "publish", directory.resolve("device.log"));
            assertThat(device.waitFor(120, TimeUnit.SECONDS)).isTrue();
            assertThat(device.exitValue()).isEqualTo(DeviceProcess.HALTED);
            assertThat(there.reports()).isZero();

            try (EdgeClient client = rig.client(new PahoLink(), real.uri()).build()) {
                String journalled = client.ledger().get(0).id();
                RunOutcome outcome = client.runOnce(WINDOW);

                assertThat(outcome.result()).isEqualTo(Result.DONE);
                assertThat(outcome.reports()).isEqualTo(1);
                assertThat(client.ledger())
                        .extracting(LedgerEntry::id, LedgerEntry::status)
                        .containsExactly(tuple(journalled, "accepted"));
            } finally {
                there.clearAnnouncement(TASK);
            }
            assertThat(there.committed()).containsExactly(scores(ROUND));
        }
    }

    private RunOutcome run(Duration window) {
        try (EdgeClient client = rig.client(broker, BROKER).build()) {
            return client.runOnce(window);
        }
    }

    private void openBatch(FakeCoordinator opener, int samples) throws Exception {
        List<EncodedPart> parts = batch(ROUND, samples);
        opener.publishBatch(TASK, ROUND, parts);
        opener.announce(rig.scoring(ROUND, parts));
    }
}
