package io.crosslm.protocol.wire;

import com.google.protobuf.ByteString;
import io.crosslm.protocol.Limits;
import java.util.Arrays;

/** One message of each kind, as the vectors hold them. */
final class Examples {
    private Examples() {}

    static Announcement.Builder announcement() {
        return Announcement.newBuilder()
                .setTask("trec")
                .setRound(2)
                .setStep(Step.STEP_SCORING)
                .setEpoch(3)
                .setSequence(17)
                .setDeadlineMillis(1_790_000_000_000L)
                .addLabels("abbreviation")
                .addLabels("entity")
                .setTerms(
                        Terms.newBuilder()
                                .setPrivacyMode("none")
                                .setReportForm(ReportForm.REPORT_FORM_TOP))
                .setSelectionSeed(ByteString.copyFrom(new byte[] {1, 2, 3}))
                .setSelectionThreshold(-1L)
                .setSlmPackage(
                        ArtifactReference.newBuilder()
                                .setSha256(filled(Limits.SHA256_BYTES, 0xaa))
                                .setSizeBytes(90_000_000)
                                .setMediaType("application/vnd.crosslm.slm+zip")
                                .addUrls("/v1/artifacts/aa"))
                .addBatchParts(
                        PartReference.newBuilder()
                                .setIndex(0)
                                .setSha256(filled(Limits.SHA256_BYTES, 0xbb))
                                .setSampleCount(192)
                                .setSizeBytes(8_000))
                .setTraining(TrainingTerms.newBuilder().setPoolWeight(0.5).setMaxEpochs(200));
    }

    static Report scores() {
        return Report.newBuilder()
                .setScores(
                        ScoreReport.newBuilder()
                                .setTask("trec")
                                .setRound(2)
                                .setReportId(filled(Limits.RANDOM_ID_BYTES, 0x11))
                                .setBatchSha256(filled(Limits.SHA256_BYTES, 0xcc))
                                .setSampleCount(2)
                                .setForm(ReportForm.REPORT_FORM_TOP)
                                .setScores(
                                        ByteString.copyFrom(
                                                new byte[] {25, 1, (byte) 178, -1, -1, -1}))
                                .setSlmPackageSha256(filled(Limits.SHA256_BYTES, 0xaa)))
                .build();
    }

    static Report training() {
        ModelMetrics metrics =
                ModelMetrics.newBuilder()
                        .setValidation(Accuracy.newBuilder().setCorrect(10).setTotal(16))
                        .setTest(Accuracy.newBuilder().setCorrect(60).setTotal(100))
                        .setValidationLoss(0.75)
                        .setTestMacroF1(0.5)
                        .build();
        return Report.newBuilder()
                .setTraining(
                        TrainingReport.newBuilder()
                                .setTask("trec")
                                .setRound(2)
                                .setReportId(filled(Limits.RANDOM_ID_BYTES, 0x22))
                                .setStandalone(metrics)
                                .setWithPool(metrics)
                                .setKept(true)
                                .setPrivateExamples(32)
                                .setPoolSamples(135)
                                .setTrainingMillis(900)
                                .setScoringMillis(400)
                                .setBytesSent(700)
                                .setBytesReceived(9_000))
                .build();
    }

    static Command receipt() {
        return Command.newBuilder()
                .setReceipt(
                        Receipt.newBuilder()
                                .setTask("trec")
                                .setRound(2)
                                .setKind(ReportKind.REPORT_KIND_SCORES)
                                .setReportId(filled(Limits.RANDOM_ID_BYTES, 0x11))
                                .setStatus(ReceiptStatus.RECEIPT_STATUS_ACCEPTED))
                .build();
    }

    static DeviceState birth() {
        return DeviceState.newBuilder()
                .setOnline(true)
                .setBootId(filled(Limits.RANDOM_ID_BYTES, 0x33))
                .setSessionNumber(1)
                .setSdkVersion("0.1.0")
                .addEngines("onnx")
                .addTasks("trec")
                .build();
    }

    static ByteString filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return ByteString.copyFrom(bytes);
    }
}
