package io.crosslm.coordinator.round;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crosslm.coordinator.task.InMemoryTaskStore;
import io.crosslm.coordinator.task.Tasks;
import io.crosslm.protocol.wire.Announcement;
import io.crosslm.protocol.wire.Receipt;
import io.crosslm.protocol.wire.ReceiptStatus;
import io.crosslm.protocol.wire.Report;
import io.crosslm.protocol.wire.ReportKind;
import io.crosslm.protocol.wire.ScoreReport;
import io.crosslm.protocol.wire.Step;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ReportDeskTest {
    private final RoundHarness harness =
            new RoundHarness(
                    Tasks.weather("\"quorum\": 1, \"samplesPerRound\": 64"),
                    new InMemoryTaskStore(),
                    new InMemoryRoundStore());
    private final ReportDesk desk =
            new ReportDesk(harness.services(harness.rounds), harness.signal, new Refusals());
    private Report good = Report.getDefaultInstance();

    /** A whole round, in whose SCORING one report is made that nobody sends. */
    @BeforeEach
    void runRound() {
        harness.fleet.silent.add("silo-4");
        harness.signal.onWait =
                () -> {
                    Announcement now = harness.fleet.retained.get("weather");
                    if (now.getStep() == Step.STEP_SCORING) {
                        good = harness.fleet.scores("silo-4", now);
                    }
                };
        harness.run(1);
    }

    @Test
    void receive_afterTheStep_isLateAndThenDuplicate() {
        assertThat(desk.receive("silo-4", good).getStatus())
                .isEqualTo(ReceiptStatus.RECEIPT_STATUS_LATE);
        assertThat(desk.receive("silo-4", good).getStatus())
                .isEqualTo(ReceiptStatus.RECEIPT_STATUS_DUPLICATE);
    }

    @Test
    void receive_secondReportOfADevice_isADuplicate() {
        Receipt receipt = desk.receive("silo-1", good);

        assertThat(receipt.getStatus()).isEqualTo(ReceiptStatus.RECEIPT_STATUS_DUPLICATE);
        assertThat(receipt.getReportId()).isEqualTo(good.getScores().getReportId());
        assertThat(receipt.getKind()).isEqualTo(ReportKind.REPORT_KIND_SCORES);
    }

    @Test
    void receive_unknownTask_isRejected() {
        assertRejected(changed(scores -> scores.setTask("other")), "COORD-4003");
    }

    @Test
    void receive_unknownRound_isRejected() {
        assertRejected(changed(scores -> scores.setRound(7)), "COORD-4004");
    }

    @Test
    void receive_roundThatHasNotAsked_isRejected() {
        harness.rounds.plan(harness.task.name(), 1, harness.clock.instant());

        assertRejected(changed(scores -> scores.setRound(2)), "COORD-4005");
    }

    @Test
    void receive_otherBatch_isRejected() {
        assertRejected(
                changed(scores -> scores.setBatchSha256(ByteString.copyFrom(new byte[32]))),
                "COORD-4005");
    }

    @Test
    void receive_otherPackage_isRejected() {
        assertRejected(
                changed(scores -> scores.setSlmPackageSha256(ByteString.copyFrom(new byte[32]))),
                "COORD-4005");
    }

    @Test
    void receive_scoresThatNoDistributionGives_areRejected() {
        byte[] bytes = good.getScores().getScores().toByteArray();
        bytes[1] = 9;
        assertRejected(
                changed(scores -> scores.setScores(ByteString.copyFrom(bytes))), "PROTO-5006");
    }

    @Test
    void receive_tooFewScores_areRejected() {
        assertRejected(
                changed(
                        scores ->
                                scores.setSampleCount(1)
                                        .setScores(ByteString.copyFrom(new byte[3]))),
                "PROTO-5006");
    }

    @Test
    void receive_deviceOfNoTask_isRejected() {
        Receipt receipt = desk.receive("stranger", good);

        assertThat(receipt.getStatus()).isEqualTo(ReceiptStatus.RECEIPT_STATUS_REJECTED);
    }

    private void assertRejected(Report report, String code) {
        Receipt receipt = desk.receive("silo-4", report);

        assertThat(receipt.getStatus()).isEqualTo(ReceiptStatus.RECEIPT_STATUS_REJECTED);
        assertThat(receipt.getCode()).isEqualTo(code);
        assertThat(receipt.getMessage()).isNotEmpty();
    }

    private Report changed(UnaryOperator<ScoreReport.Builder> change) {
        return Report.newBuilder().setScores(change.apply(good.getScores().toBuilder())).build();
    }
}
