package io.crosslm.coordinator.round;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crosslm.coordinator.task.InMemoryTaskStore;
import io.crosslm.coordinator.task.Tasks;
import io.crosslm.protocol.wire.Announcement;
import io.crosslm.protocol.wire.EnginePackage;
import io.crosslm.protocol.wire.Receipt;
import io.crosslm.protocol.wire.ReceiptStatus;
import io.crosslm.protocol.wire.Report;
import io.crosslm.protocol.wire.Step;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Devices of one task that run different engines. */
final class MixedFleetTest {
    private final AtomicReference<Announcement> scoring = new AtomicReference<>();
    private Report unsent = Report.getDefaultInstance();

    @Test
    void announcement_twoEngines_namesAPackageForEach() {
        run("\"engines\": [\"onnx\", \"tflite\"]");

        assertThat(scoring.get().getEnginePackagesList())
                .extracting(EnginePackage::getEngine)
                .containsExactly("onnx", "tflite");
        assertThat(scoring.get().getEnginePackages(0).getSlmPackage())
                .isEqualTo(scoring.get().getSlmPackage());
        assertThat(scoring.get().getEnginePackages(1).getSlmPackage().getSha256())
                .isEqualTo(ByteString.copyFrom(FakeFleet.LIGHT_PACKAGE));
    }

    @Test
    void announcement_oneEngine_namesOnlyItsPackage() {
        run("\"engines\": [\"tflite\"]");

        assertThat(scoring.get().getEnginePackagesList()).isEmpty();
        assertThat(scoring.get().getSlmPackage().getSha256())
                .isEqualTo(ByteString.copyFrom(FakeFleet.LIGHT_PACKAGE));
    }

    @Test
    void receive_scoresOfEitherPackage_areTaken() {
        ReportDesk desk = run("\"engines\": [\"onnx\", \"tflite\"]");

        Receipt receipt = desk.receive("silo-4", scoredWith(FakeFleet.LIGHT_PACKAGE));

        assertThat(receipt.getStatus()).isEqualTo(ReceiptStatus.RECEIPT_STATUS_LATE);
        assertThat(desk.receive("silo-4", scoredWith(FakeFleet.PACKAGE)).getStatus())
                .isEqualTo(ReceiptStatus.RECEIPT_STATUS_DUPLICATE);
    }

    @Test
    void receive_scoresOfAnEngineThatTheTaskLacks_areRejected() {
        ReportDesk desk = run("\"engines\": [\"onnx\"]");

        Receipt receipt = desk.receive("silo-4", scoredWith(FakeFleet.LIGHT_PACKAGE));

        assertThat(receipt.getStatus()).isEqualTo(ReceiptStatus.RECEIPT_STATUS_REJECTED);
    }

    /** A whole round, in whose SCORING silo-4 makes a report that nobody sends. */
    private ReportDesk run(String engines) {
        RoundHarness harness =
                new RoundHarness(
                        Tasks.weather("\"quorum\": 1, \"samplesPerRound\": 64, " + engines),
                        new InMemoryTaskStore(),
                        new InMemoryRoundStore());
        harness.fleet.silent.add("silo-4");
        harness.signal.onWait =
                () -> {
                    Announcement now = harness.fleet.retained.get("weather");
                    if (now.getStep() == Step.STEP_SCORING) {
                        scoring.set(now);
                        unsent = harness.fleet.scores("silo-4", now);
                    }
                };
        harness.run(1);
        return new ReportDesk(harness.services(harness.rounds), harness.signal);
    }

    private Report scoredWith(byte[] slmPackage) {
        return Report.newBuilder()
                .setScores(
                        unsent.getScores().toBuilder()
                                .setSlmPackageSha256(ByteString.copyFrom(slmPackage)))
                .build();
    }
}
