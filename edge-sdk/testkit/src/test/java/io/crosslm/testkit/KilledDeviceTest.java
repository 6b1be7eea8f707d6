package io.crosslm.testkit;

import static io.crosslm.testkit.EdgeRig.ROUND;
import static io.crosslm.testkit.EdgeRig.TASK;
import static io.crosslm.testkit.EdgeRig.batch;
import static io.crosslm.testkit.EdgeRig.scores;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crosslm.edge.link.PahoLink;
import io.crosslm.edge.store.Ledger;
import io.crosslm.edge.store.LedgerEntry;
import io.crosslm.protocol.wire.EncodedPart;
import io.crosslm.protocol.wire.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A device that is killed with no chance to tidy up goes on where it was. */
final class KilledDeviceTest {
    /** What the shell adds to the number of the signal that ended a process; 9 is the kill. */
    private static final int KILLED = 128 + 9;

    @TempDir private Path directory;
    private final HiveMqBroker broker = HiveMqBroker.shared();
    private EdgeRig rig;
    private FakeCoordinator coordinator;
    private Process device;

    @BeforeEach
    void start() throws Exception {
        rig = new EdgeRig(directory);
        coordinator = new FakeCoordinator(new PahoLink(), broker.uri());
    }

    @AfterEach
    void stop() throws Exception {
        if (device != null) {
            device.destroyForcibly().waitFor();
        }
        coordinator.clearAnnouncement(TASK);
        coordinator.close();
        rig.close();
    }

    @Test
    void device_killedBetweenReportAndReceipt_sendsTheSameReportAndCountsOnce() throws Exception {
        coordinator.withholdReceipts(true);
        open(40);
        startDevice("never");
        Report first = coordinator.awaitReport(scores(ROUND));
        assertThat(device.destroyForcibly().waitFor()).isEqualTo(KILLED);
        assertThat(ledger()).extracting(LedgerEntry::status).containsExactly((String) null);

        coordinator.withholdReceipts(false);
        startDevice("never");
        awaitReceipt();
        assertThat(coordinator.committed()).containsExactly(scores(ROUND));
        assertThat(coordinator.report(scores(ROUND))).isEqualTo(first);
        assertThat(ledger()).extracting(LedgerEntry::status).containsExactly("duplicate");
    }

    @Test
    void device_endedBetweenJournalAndPublish_sendsTheReportAfterItsRestart() throws Exception {
        open(40);
        startDevice("publish");
        assertThat(device.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(device.exitValue()).isEqualTo(DeviceProcess.HALTED);
        assertThat(coordinator.reports()).isZero();
        List<LedgerEntry> journalled = ledger();
        assertThat(journalled).extracting(LedgerEntry::status).containsExactly((String) null);

        startDevice("never");
        Report report = coordinator.awaitReport(scores(ROUND));
        assertThat(hex(report.getScores().getReportId())).isEqualTo(journalled.get(0).id());
        awaitReceipt();
        assertThat(ledger()).extracting(LedgerEntry::status).containsExactly("accepted");
    }

    @Test
    void device_endedInTheMiddleOfABatch_scoresOnlyTheRest() throws Exception {
        open(600);
        startDevice("second-chunk");
        assertThat(device.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(device.exitValue()).isEqualTo(DeviceProcess.HALTED);
        Path progress = rig.storage.resolve("tasks/mood/rounds/1/scores.part");
        assertThat(Files.size(progress)).isEqualTo(32 + 3 * 256);

        // Two chunks are left: a device that began anew would not get past its second.
        startDevice("never");
        Report report = coordinator.awaitReport(scores(ROUND));
        assertThat(report.getScores().getSampleCount()).isEqualTo(600);
        awaitReceipt();
        assertThat(coordinator.committed()).containsExactly(scores(ROUND));
    }

    private void startDevice(String haltAt) throws IOException {
        device = DeviceProcess.start(rig, broker.uri(), haltAt, directory.resolve("device.log"));
    }

    private void open(int samples) throws Exception {
        List<EncodedPart> parts = batch(ROUND, samples);
        coordinator.publishBatch(TASK, ROUND, parts);
        coordinator.announce(rig.scoring(ROUND, parts));
    }

    private void awaitReceipt() throws Exception {
        coordinator.await(
                "the receipt in the ledger",
                () -> {
                    try {
                        return Files.readString(rig.storage.resolve("ledger.jsonl"))
                                .contains("\"done\"");
                    } catch (IOException e) {
                        return false;
                    }
                });
        device.destroyForcibly().waitFor();
    }

    private List<LedgerEntry> ledger() throws IOException {
        try (Ledger ledger = Ledger.open(rig.storage.resolve("ledger.jsonl"), Clock.systemUTC())) {
            return ledger.entries();
        }
    }

    private static String hex(ByteString bytes) {
        StringBuilder hex = new StringBuilder();
        for (byte b : bytes.toByteArray()) {
            hex.append(String.format("%02x", b));
        }
        return hex.toString();
    }
}
