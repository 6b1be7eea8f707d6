package io.crosslm.coordinator.round;

import com.google.protobuf.ByteString;
import io.crosslm.protocol.Sha256;
import io.crosslm.protocol.wire.Accuracy;
import io.crosslm.protocol.wire.Announcement;
import io.crosslm.protocol.wire.EncodedPart;
import io.crosslm.protocol.wire.ModelMetrics;
import io.crosslm.protocol.wire.PartReference;
import io.crosslm.protocol.wire.Report;
import io.crosslm.protocol.wire.ReportForm;
import io.crosslm.protocol.wire.Sample;
import io.crosslm.protocol.wire.ScoreReport;
import io.crosslm.protocol.wire.Step;
import io.crosslm.protocol.wire.TopScores;
import io.crosslm.protocol.wire.TrainingReport;
import io.crosslm.protocol.wire.WireReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What devices answer to an announcement about the weather. */
public final class FakeDevice {
    private FakeDevice() {}

    /** The parts that the announcement names. */
    public static List<PartReference> references(Announcement announcement) {
        return announcement.getStep() == Step.STEP_SCORING
                ? announcement.getBatchPartsList()
                : announcement.getPoolPartsList();
    }

    /**
     * A score report.
     *
     * @param parts of the batch, in order
     */
    public static Report scores(String device, Announcement announcement, List<byte[]> parts) {
        checkParts(announcement, parts);
        List<Sample> samples = new ArrayList<>();
        parts.forEach(part -> samples.addAll(WireReader.batchPart(part).getSamplesList()));
        TopScores.Encoder encoder = new TopScores.Encoder();
        for (Sample sample : samples) {
            encoder.add(opinion(device, sample.getText()), sample.getIntended());
        }
        Sha256 batch = EncodedPart.batchSha256(announcement.getBatchPartsList());
        return Report.newBuilder()
                .setScores(
                        ScoreReport.newBuilder()
                                .setTask(announcement.getTask())
                                .setRound(announcement.getRound())
                                .setReportId(reportId(device, announcement))
                                .setBatchSha256(ByteString.copyFrom(batch.bytes()))
                                .setSampleCount(samples.size())
                                .setForm(ReportForm.REPORT_FORM_TOP)
                                .setScores(encoder.bytes())
                                .setSlmPackageSha256(announcement.getSlmPackage().getSha256()))
                .build();
    }

    /** Knows the words, but every device errs on texts of its own. */
    private static float[] opinion(String device, String text) {
        int rain = FakeLanguageModel.count(text, FakeLanguageModel.WORDS.get(1));
        int sun = FakeLanguageModel.count(text, FakeLanguageModel.WORDS.get(0));
        boolean errs = Math.floorMod((device + text).hashCode(), 5) == 0;
        float p = rain > sun != errs ? 0.85f : 0.2f;
        return new float[] {1 - p, p};
    }

    /**
     * A training report.
     *
     * @param parts of the pool, in order
     * @param correct right answers of 16 that the pool-trained model gives; the other gives 10
     */
    public static Report training(
            String device, Announcement announcement, List<byte[]> parts, int correct) {
        checkParts(announcement, parts);
        int pool = 0;
        for (byte[] part : parts) {
            pool += WireReader.poolPart(part, announcement.getLabelsCount()).getSamplesCount();
        }
        TrainingReport.Builder report =
                TrainingReport.newBuilder()
                        .setTask(announcement.getTask())
                        .setRound(announcement.getRound())
                        .setReportId(reportId(device, announcement))
                        .setPoolSamples(pool);
        if (announcement.getTerms().getPrivacyMode().equals("none")) {
            report.setStandalone(metrics(10))
                    .setWithPool(metrics(correct))
                    .setKept(true)
                    .setPrivateExamples(32);
        } else {
            report.setWithheld(true);
        }
        return Report.newBuilder().setTraining(report).build();
    }

    private static ModelMetrics metrics(int correct) {
        return ModelMetrics.newBuilder()
                .setValidation(Accuracy.newBuilder().setCorrect(correct).setTotal(16))
                .setTest(Accuracy.newBuilder().setCorrect(4 * correct).setTotal(64))
                .setTestMacroF1(correct / 16.0)
                .build();
    }

    private static void checkParts(Announcement announcement, List<byte[]> parts) {
        List<PartReference> references = references(announcement);
        for (int i = 0; i < references.size(); i++) {
            byte[] expected = references.get(i).getSha256().toByteArray();
            if (!Arrays.equals(Sha256.hash(parts.get(i)).bytes(), expected)) {
                throw new AssertionError("part " + i + " is not as announced");
            }
        }
    }

    /** As journalled by the device: the same for the same round and step. */
    private static ByteString reportId(String device, Announcement announcement) {
        String text = device + announcement.getRound() + announcement.getStep();
        byte[] hash = Sha256.hash(text.getBytes(StandardCharsets.UTF_8)).bytes();
        return ByteString.copyFrom(hash, 0, 16);
    }
}
