package io.crosslm.coordinator.round;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.ByteString;
import io.crosslm.coordinator.round.RoundDocuments.DeviceOutcome;
import io.crosslm.coordinator.round.RoundDocuments.ModelGain;
import io.crosslm.coordinator.task.InMemoryTaskStore;
import io.crosslm.coordinator.task.Tasks;
import io.crosslm.protocol.wire.Announcement;
import io.crosslm.protocol.wire.EnginePackage;
import io.crosslm.protocol.wire.Receipt;
import io.crosslm.protocol.wire.ReceiptStatus;
import io.crosslm.protocol.wire.Report;
import io.crosslm.protocol.wire.Step;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Devices of one task that have different models. */
final class MixedFleetTest {
    private static final String MODELS =
            """
            "models": [
              {"name": "minilm-lora", "engine": "onnx", "mode": "lora"},
              {"name": "bge-head", "engine": "onnx", "encoder": "bge"},
              {"name": "bag", "engine": "tflite"}]
            """;

    private final Map<String, String> modelByDevice = new HashMap<>();
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

        assertThat(scoring.get().getEnginePackagesList())
                .extracting(EnginePackage::getModel)
                .containsExactly("bag");
        assertThat(scoring.get().getSlmPackage().getSha256())
                .isEqualTo(ByteString.copyFrom(FakeFleet.LIGHT_PACKAGE));
    }

    @Test
    void announcement_severalModelsOfAnEngine_namesEach() {
        run(MODELS);

        assertThat(scoring.get().getEnginePackagesList())
                .extracting(EnginePackage::getModel, EnginePackage::getEngine)
                .containsExactly(
                        tuple("minilm-lora", "onnx"),
                        tuple("bge-head", "onnx"),
                        tuple("bag", "tflite"));
        assertThat(scoring.get().getSlmPackage())
                .isEqualTo(scoring.get().getEnginePackages(0).getSlmPackage());
    }

    @Test
    void outcome_devicesOfSeveralModels_tellsEachOnesModelAndGain() {
        modelByDevice.putAll(
                Map.of("silo-1", "minilm-lora", "silo-2", "bge-head", "silo-3", "bge-head"));
        RoundHarness harness = runToTheEnd(MODELS);

        RoundDocuments.Outcome outcome = harness.outcome(1);

        assertThat(outcome.devices())
                .extracting(DeviceOutcome::device, DeviceOutcome::model)
                .containsExactly(
                        tuple("silo-1", "minilm-lora"),
                        tuple("silo-2", "bge-head"),
                        tuple("silo-3", "bge-head"));
        assertThat(outcome.models())
                .extracting(ModelGain::model, ModelGain::devices)
                .containsExactly(tuple("minilm-lora", 1), tuple("bge-head", 2));
        assertThat(outcome.models())
                .allSatisfy(
                        model ->
                                assertThat(model.gain())
                                        .isEqualTo(model.withPool() - model.standalone())
                                        .isPositive());
        assertThat(new DeviceModels(harness.tasks, harness.rounds).byDevice())
                .containsEntry("silo-2", Map.of("weather", "bge-head"))
                .doesNotContainKey("silo-4");
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
    private ReportDesk run(String models) {
        RoundHarness harness = runToTheEnd(models);
        return new ReportDesk(harness.services(harness.rounds), harness.signal, new Refusals());
    }

    private RoundHarness runToTheEnd(String models) {
        RoundHarness harness =
                new RoundHarness(
                        Tasks.weather("\"quorum\": 1, \"samplesPerRound\": 64, " + models),
                        new InMemoryTaskStore(),
                        new InMemoryRoundStore());
        harness.fleet.silent.add("silo-4");
        harness.fleet.modelByDevice.putAll(modelByDevice);
        harness.signal.onWait =
                () -> {
                    Announcement now = harness.fleet.retained.get("weather");
                    if (now.getStep() == Step.STEP_SCORING) {
                        scoring.set(now);
                        unsent = harness.fleet.scores("silo-4", now);
                    }
                };
        harness.run(1);
        return harness;
    }

    private Report scoredWith(byte[] slmPackage) {
        return Report.newBuilder()
                .setScores(
                        unsent.getScores().toBuilder()
                                .setSlmPackageSha256(ByteString.copyFrom(slmPackage)))
                .build();
    }
}
