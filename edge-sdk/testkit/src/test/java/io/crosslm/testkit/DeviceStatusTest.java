package io.crosslm.testkit;

import static io.crosslm.testkit.EdgeRig.ROUND;
import static io.crosslm.testkit.EdgeRig.TASK;
import static io.crosslm.testkit.EdgeRig.batch;
import static io.crosslm.testkit.EdgeRig.pool;
import static io.crosslm.testkit.EdgeRig.scores;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.edge.DeviceStatus;
import io.crosslm.edge.DeviceStatus.ClientState;
import io.crosslm.edge.DeviceStatus.LinkState;
import io.crosslm.edge.DeviceStatus.Task;
import io.crosslm.edge.EdgeClient;
import io.crosslm.edge.store.LedgerEntry;
import io.crosslm.protocol.wire.EncodedPart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a storage directory tells from outside. */
final class DeviceStatusTest {
    private static final String BROKER = "tcp://memory:1";

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
    }

    @AfterEach
    void stop() {
        client.close();
        coordinator.close();
        rig.close();
    }

    @Test
    void directory_thatIsNotThere_isOfADeviceThatDidNothing() {
        DeviceStatus status = DeviceStatus.read(directory.resolve("none"));

        assertThat(status.device()).isNull();
        assertThat(status.client()).isEqualTo(ClientState.NOT_RUNNING);
        assertThat(status.contact()).isNull();
        assertThat(status.tasks()).isEmpty();
        assertThat(directory.resolve("none")).doesNotExist();
    }

    @Test
    void client_thatIsBuiltAndClosed_runsAndDoesNot() {
        assertThat(status().client()).isEqualTo(ClientState.RUNNING);
        assertThat(status().link()).isEqualTo(LinkState.NOT_CONNECTED);
        client.close();
        assertThat(status().client()).isEqualTo(ClientState.NOT_RUNNING);
    }

    @Test
    void client_ofAnotherProcess_runsUntilItIsKilled() throws Exception {
        client.close();
        Process device = DeviceProcess.start(rig, "tcp://127.0.0.1:1", "never", log());
        try {
            coordinator.await("the other process", () -> status().client() == ClientState.RUNNING);
            assertThat(status().client()).isEqualTo(ClientState.RUNNING);
            assertThatThrownBy(() -> rig.client(broker, BROKER).build())
                    .hasMessageStartingWith("EDGE-3003");
            // Asking and being refused has not taken the other one's lock away.
            assertThat(status().client()).isEqualTo(ClientState.RUNNING);
        } finally {
            device.destroyForcibly().waitFor();
        }
        assertThat(status().client()).isEqualTo(ClientState.NOT_RUNNING);
    }

    @Test
    void round_thatIsOpen_showsStepAndReports() throws Exception {
        client.start();
        score();
        Task task = task();
        assertThat(task.round()).isNotNull();
        assertThat(task.round().number()).isEqualTo(ROUND);
        assertThat(task.round().step()).isEqualTo("SCORING");
        assertThat(task.round().scores()).isEqualTo("accepted");
        assertThat(task.round().training()).isNull();
        assertThat(task.model()).isNotNull();
        assertThat(task.model().version()).isEqualTo("mood/private");
        assertThat(task.model().examples()).isEqualTo(12);
        assertThat(task.model().validationExamples()).isEqualTo(6);
        assertThat(task.notDone()).isNull();
        assertThat(status().link()).isEqualTo(LinkState.CONNECTED);
        assertThat(status().contact())
                .isBetween(Instant.now().minus(Duration.ofMinutes(5)), Instant.now());
    }

    @Test
    void round_thatIsOver_isToldFromTheLedgerAfterTheClientHasGone() throws Exception {
        client.start();
        score();
        List<EncodedPart> parts = pool(ROUND, 10);
        coordinator.publishPool(TASK, ROUND, parts);
        coordinator.announce(rig.training(ROUND, parts));
        await("receipted 1 training accepted");
        coordinator.clearAnnouncement(TASK);
        coordinator.await("the end", () -> task().round().step() == null);
        client.close();

        Task task = task();
        assertThat(task.round().number()).isEqualTo(ROUND);
        assertThat(task.round().scores()).isEqualTo("accepted");
        assertThat(task.round().training()).isEqualTo("accepted");
        assertThat(task.model().version()).isEqualTo("mood/round-1");
        assertThat(task.delivered().reports()).isEqualTo(2);
        assertThat(task.delivered().bytes())
                .isEqualTo(client.ledger().stream().mapToLong(LedgerEntry::bytes).sum());
        assertThat(status().delivered()).isEqualTo(task.delivered());
        assertThat(status().link()).isEqualTo(LinkState.NOT_CONNECTED);
    }

    @Test
    void report_withoutReceipt_waits() throws Exception {
        coordinator.withholdReceipts(true);
        client.start();
        open();
        coordinator.awaitReport(scores(ROUND));
        assertThat(task().round().scores()).isEqualTo("waiting");
        assertThat(task().waiting().reports()).isEqualTo(1);
        assertThat(task().waiting().bytes()).isPositive();
        assertThat(task().delivered().messages()).isZero();
    }

    @Test
    void skippedStep_isToldWithItsReason() throws Exception {
        client.start();
        coordinator.announce(
                rig.scoring(ROUND, batch(ROUND, 8)).toBuilder().setSelectionThreshold(0).build());
        await("skipped 1 SCORING: not selected for this round");
        assertThat(task().notDone()).isNotNull();
        assertThat(task().notDone().reason()).isEqualTo("not selected for this round");
        assertThat(task().notDone().step()).isEqualTo("SCORING");
    }

    @Test
    void failedStep_isToldUntilAJobIsDone() throws Exception {
        rig.examples.become(new EdgeRig.Examples(0));
        client.start();
        open();
        coordinator.await("a problem", () -> !rig.heard.problems().isEmpty());
        assertThat(task().notDone().reason()).startsWith("EDGE-3014: ");
        rig.examples.become(new EdgeRig.Examples());
        score();
        coordinator.await("no reason any more", () -> task().notDone() == null);
    }

    @Test
    void reading_changesNothing() throws Exception {
        client.start();
        score();
        client.close();
        Path ledger = rig.storage.resolve("ledger.jsonl");
        Files.writeString(ledger, "{\"at\":\"half", StandardOpenOption.APPEND);
        Map<Path, String> before = content();

        assertThat(status().delivered().reports()).isEqualTo(1);

        assertThat(content()).isEqualTo(before);
    }

    @Test
    void damagedLedger_isSaidWithItsLine() throws Exception {
        Files.writeString(rig.storage.resolve("ledger.jsonl"), "{}\n{}\n");
        assertThatThrownBy(this::status)
                .hasMessageStartingWith("EDGE-3004: ")
                .hasMessageContaining("ledger.jsonl, line 1");
    }

    private DeviceStatus status() {
        return DeviceStatus.read(rig.storage);
    }

    private Task task() {
        return status().tasks().get(0);
    }

    private void open() throws Exception {
        List<EncodedPart> parts = batch(ROUND, 8);
        coordinator.publishBatch(TASK, ROUND, parts);
        coordinator.announce(rig.scoring(ROUND, parts));
    }

    private void score() throws Exception {
        open();
        await("receipted 1 scores accepted");
    }

    private void await(String event) {
        coordinator.await("the event " + event, () -> rig.heard.has(event));
    }

    private Path log() {
        return directory.resolve("device.log");
    }

    private Map<Path, String> content() throws IOException {
        Map<Path, String> content = new TreeMap<>();
        try (Stream<Path> files = Files.walk(rig.storage)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                content.put(
                        file,
                        Files.getLastModifiedTime(file)
                                + " "
                                + Files.readString(
                                        file, java.nio.charset.StandardCharsets.ISO_8859_1));
            }
        }
        return content;
    }
}
