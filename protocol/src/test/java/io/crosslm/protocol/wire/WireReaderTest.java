package io.crosslm.protocol.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.crosslm.protocol.Limits;
import io.crosslm.protocol.ProtocolException;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class WireReaderTest {
    @Test
    void announcement_thatKeepsTheRules_isRead() {
        Announcement announcement = Examples.announcement().build();
        assertThat(WireReader.announcement(announcement.toByteArray())).isEqualTo(announcement);
    }

    static Stream<Consumer<Announcement.Builder>> brokenAnnouncements() {
        return Stream.of(
                a -> a.setTask("Not A Task"),
                a -> a.setRound(0),
                a -> a.setRound(-1),
                a -> a.setDeadlineMillis(-1),
                a -> a.addLabels("abbreviation"),
                a -> a.addLabels(" "),
                a -> a.addLabels("x".repeat(65)),
                a -> a.clearLabels(),
                a -> a.clearTerms(),
                a -> a.clearSlmPackage(),
                a -> a.clearBatchParts(),
                a -> a.setSelectionSeed(ByteString.copyFrom(new byte[65])),
                a ->
                        a.setSlmPackage(
                                a.getSlmPackage().toBuilder()
                                        .setSha256(ByteString.copyFrom(new byte[31]))),
                a -> a.setSlmPackage(a.getSlmPackage().toBuilder().setSizeBytes(0)),
                a -> a.setSlmPackage(a.getSlmPackage().toBuilder().setSizeBytes(-1)),
                a -> a.setSlmPackage(a.getSlmPackage().toBuilder().clearUrls()),
                a -> a.addEnginePackages(enginePackage("", a)),
                a -> a.addEnginePackages(enginePackage("x".repeat(65), a)),
                a -> a.addEnginePackages(EnginePackage.newBuilder().setEngine("onnx")),
                a ->
                        a.addEnginePackages(enginePackage("onnx", a))
                                .addEnginePackages(enginePackage("onnx", a)),
                a ->
                        a.addEnginePackages(model("bge-head", "onnx", a))
                                .addEnginePackages(model("bge-head", "tflite", a)),
                a -> a.addEnginePackages(model("x".repeat(65), "onnx", a)),
                a -> {
                    for (int i = 0; i <= Limits.MAX_MODELS; i++) {
                        a.addEnginePackages(model("model-" + i, "onnx", a));
                    }
                },
                a -> a.setBatchParts(0, a.getBatchParts(0).toBuilder().setIndex(1)),
                a -> a.setBatchParts(0, a.getBatchParts(0).toBuilder().setSampleCount(-5)),
                a ->
                        a.setBatchParts(
                                0,
                                a.getBatchParts(0).toBuilder()
                                        .setSizeBytes(Limits.MAX_PART_BYTES + 1)),
                a -> a.setTraining(a.getTraining().toBuilder().setPoolWeight(Double.NaN)),
                a -> a.setTraining(a.getTraining().toBuilder().setMaxEpochs(0)));
    }

    private static EnginePackage enginePackage(String engine, Announcement.Builder announcement) {
        return EnginePackage.newBuilder()
                .setEngine(engine)
                .setSlmPackage(announcement.getSlmPackage())
                .build();
    }

    private static EnginePackage model(
            String name, String engine, Announcement.Builder announcement) {
        return enginePackage(engine, announcement).toBuilder().setModel(name).build();
    }

    @Test
    void announcement_severalModelsOfAnEngine_isRead() {
        Announcement.Builder builder = Examples.announcement();
        builder.addEnginePackages(model("minilm-lora", "onnx", builder))
                .addEnginePackages(model("bge-head", "onnx", builder))
                .addEnginePackages(model("bag", "tflite", builder));

        Announcement read = WireReader.announcement(builder.build().toByteArray());

        assertThat(read.getEnginePackagesList())
                .extracting(EnginePackage::getModel)
                .containsExactly("minilm-lora", "bge-head", "bag");
    }

    @ParameterizedTest
    @MethodSource("brokenAnnouncements")
    void announcement_thatBreaksARule_isRefused(Consumer<Announcement.Builder> damage) {
        Announcement.Builder builder = Examples.announcement();
        damage.accept(builder);
        byte[] payload = builder.build().toByteArray();
        assertThatThrownBy(() -> WireReader.announcement(payload))
                .isInstanceOf(ProtocolException.class);
    }

    static Stream<Consumer<Report.Builder>> brokenReports() {
        return Stream.of(
                r -> r.clearScores(),
                r -> r.setScores(r.getScores().toBuilder().setSampleCount(3)),
                r -> r.setScores(r.getScores().toBuilder().setSampleCount(Integer.MAX_VALUE)),
                r -> r.setScores(r.getScores().toBuilder().setSampleCount(-1)),
                r -> r.setScores(r.getScores().toBuilder().setFormValue(9)),
                r -> r.setScores(r.getScores().toBuilder().setReportId(ByteString.EMPTY)),
                r -> r.setScores(r.getScores().toBuilder().setBatchSha256(ByteString.EMPTY)),
                r ->
                        r.setScores(
                                r.getScores().toBuilder()
                                        .setScores(ByteString.copyFrom(new byte[7]))));
    }

    @ParameterizedTest
    @MethodSource("brokenReports")
    void report_thatBreaksARule_isRefused(Consumer<Report.Builder> damage) {
        Report.Builder builder = Examples.scores().toBuilder();
        damage.accept(builder);
        byte[] payload = builder.build().toByteArray();
        assertThatThrownBy(() -> WireReader.report(payload)).isInstanceOf(ProtocolException.class);
    }

    @Test
    void trainingReport_withMoreRightThanThereAre_isRefused() {
        Report.Builder report = Examples.training().toBuilder();
        ModelMetrics standalone = report.getTraining().getStandalone();
        report.setTraining(
                report.getTraining().toBuilder()
                        .setStandalone(
                                standalone.toBuilder()
                                        .setTest(
                                                standalone.getTest().toBuilder().setCorrect(999))));
        byte[] payload = report.build().toByteArray();
        assertThatThrownBy(() -> WireReader.report(payload))
                .hasMessage("PROTO-5003: standalone.test.correct is 999, at most 100 is allowed");
    }

    @Test
    void announcement_ofEachPrivacyMode_isRead() {
        for (Terms.Builder terms : List.of(dpSgd(8, 1e-5, 1, 1), answers(0.5, 20, 1e-6))) {
            Announcement announcement = Examples.announcement().setTerms(terms).build();
            assertThat(WireReader.announcement(announcement.toByteArray())).isEqualTo(announcement);
        }
    }

    static Stream<Terms.Builder> brokenTerms() {
        return Stream.of(
                dpSgd(0, 1e-5, 1, 1),
                dpSgd(Double.NaN, 1e-5, 1, 1),
                dpSgd(1e9, 1e-5, 1, 1),
                dpSgd(8, 0, 1, 1),
                dpSgd(8, 1, 1, 1),
                dpSgd(8, 1e-5, 0, 1),
                dpSgd(8, 1e-5, 1, 0),
                dpSgd(8, 1e-5, 1, -1),
                dpSgd(8, 1e-5, 1, 1).setPrivacyMode("none"),
                dpSgd(8, 1e-5, 1, 1).clearDpSgd(),
                answers(0, 20, 1e-6),
                answers(1, -1, 1e-6),
                answers(1, 20, 0),
                answers(1, 20, 1e-6).setPrivacyMode("dp-sgd"),
                answers(1, 20, 1e-6).clearRandomizedResponse());
    }

    @ParameterizedTest
    @MethodSource("brokenTerms")
    void announcement_withTermsThatMakeNoSense_isRefused(Terms.Builder terms) {
        byte[] payload = Examples.announcement().setTerms(terms).build().toByteArray();
        assertThatThrownBy(() -> WireReader.announcement(payload))
                .isInstanceOf(ProtocolException.class);
    }

    private static Terms.Builder dpSgd(double epsilon, double delta, double clip, int trainings) {
        return Terms.newBuilder()
                .setPrivacyMode("dp-sgd")
                .setReportForm(ReportForm.REPORT_FORM_TOP)
                .setDpSgd(
                        DpSgdTerms.newBuilder()
                                .setEpsilon(epsilon)
                                .setDelta(delta)
                                .setClipNorm(clip)
                                .setTrainings(trainings));
    }

    private static Terms.Builder answers(double epsilon, double totalEpsilon, double delta) {
        return Terms.newBuilder()
                .setPrivacyMode("randomized-response")
                .setReportForm(ReportForm.REPORT_FORM_TOP)
                .setRandomizedResponse(
                        RandomizedResponseTerms.newBuilder()
                                .setEpsilon(epsilon)
                                .setTotalEpsilon(totalEpsilon)
                                .setDelta(delta));
    }

    @Test
    void trainingReport_thatWithholds_isReadIfItTellsNothing() {
        TrainingReport told =
                Examples.training().getTraining().toBuilder().setWithheld(true).build();
        byte[] tells = Report.newBuilder().setTraining(told).build().toByteArray();
        assertThatThrownBy(() -> WireReader.report(tells)).hasMessageContaining("withholds");
        TrainingReport silent =
                told.toBuilder()
                        .clearStandalone()
                        .clearWithPool()
                        .clearKept()
                        .clearPrivateExamples()
                        .clearTrainingMillis()
                        .build();
        Report report = Report.newBuilder().setTraining(silent).build();
        assertThat(WireReader.report(report.toByteArray())).isEqualTo(report);
    }

    @Test
    void anyMessage_aboveTheLimit_isRefusedBeforeItIsParsed() {
        byte[] payload = new byte[Limits.MAX_MESSAGE_BYTES + 1];
        assertThatThrownBy(() -> WireReader.report(payload)).hasMessageStartingWith("PROTO-5003");
        assertThatThrownBy(() -> WireReader.batchPart(payload))
                .hasMessageStartingWith("PROTO-5003");
    }

    @Test
    void anyMessage_ofRandomBytes_isReadOrRefusedWithACode() {
        Random random = new Random(11);
        byte[] seed = Examples.announcement().build().toByteArray();
        for (int run = 0; run < 20_000; run++) {
            byte[] payload = seed.clone();
            for (int i = 0; i < 1 + random.nextInt(4); i++) {
                payload[random.nextInt(payload.length)] = (byte) random.nextInt();
            }
            readAll(payload);
        }
    }

    @SuppressWarnings("EmptyCatch")
    private static void readAll(byte[] payload) {
        try {
            WireReader.announcement(payload);
        } catch (ProtocolException expected) {
            assertThat(expected.code()).isNotNull();
        }
        try {
            WireReader.report(payload);
        } catch (ProtocolException expected) {
            assertThat(expected.code()).isNotNull();
        }
    }
}
