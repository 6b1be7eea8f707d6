package io.crosslm.coordinator.round;

import com.google.protobuf.ByteString;
import io.crosslm.coordinator.task.TaskDefinition;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.Sha256;
import io.crosslm.protocol.TaskName;
import io.crosslm.protocol.wire.Accuracy;
import io.crosslm.protocol.wire.Announcement;
import io.crosslm.protocol.wire.ArtifactReference;
import io.crosslm.protocol.wire.BatchPart;
import io.crosslm.protocol.wire.EncodedPart;
import io.crosslm.protocol.wire.ModelMetrics;
import io.crosslm.protocol.wire.PartReference;
import io.crosslm.protocol.wire.PoolPart;
import io.crosslm.protocol.wire.Receipt;
import io.crosslm.protocol.wire.Report;
import io.crosslm.protocol.wire.ReportForm;
import io.crosslm.protocol.wire.Sample;
import io.crosslm.protocol.wire.ScoreReport;
import io.crosslm.protocol.wire.Step;
import io.crosslm.protocol.wire.TopScores;
import io.crosslm.protocol.wire.TrainingReport;
import io.crosslm.protocol.wire.WireReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A broker and devices in one: what is announced is checked as a device would and answered at once
 * by every device that works. Confined to one thread.
 */
final class FakeFleet implements FleetLink, DeviceDirectory, SlmPackages {
    static final byte[] PACKAGE = Sha256.hash(new byte[] {1, 2, 3}).bytes();

    final List<Announcement> announcements = new ArrayList<>();
    final List<Receipt> receipts = new ArrayList<>();
    final List<String> cancelled = new ArrayList<>();

    /** Retained parts, "batch/1/0" and "pool/1/0". */
    final Map<String, byte[]> parts = new TreeMap<>();

    /** Retained announcements by task. */
    final Map<String, Announcement> retained = new TreeMap<>();

    final Set<String> devices =
            new LinkedHashSet<>(List.of("silo-1", "silo-2", "silo-3", "silo-4"));

    /** Devices that are connected but answer nothing. */
    final Set<String> silent = new LinkedHashSet<>();

    /** Devices that are not connected. */
    final Set<String> offline = new LinkedHashSet<>();

    /** Right answers of 16 that the pool-trained model gives, by round. */
    final Map<Integer, Integer> correctWithPool = new LinkedHashMap<>();

    /** Where reports go: the desk of the coordinator that runs now. */
    ReportReceiver receiver = (device, report) -> Receipt.getDefaultInstance();

    private final TaskDefinition task;

    FakeFleet(TaskDefinition task) {
        this.task = task;
    }

    @Override
    public void announce(Announcement announcement) {
        WireReader.announcement(announcement.toByteArray());
        announcements.add(announcement);
        retained.put(announcement.getTask(), announcement);
        for (String device : List.copyOf(devices)) {
            if (silent.contains(device) || offline.contains(device)) {
                continue;
            }
            if (announcement.getStep() == Step.STEP_SCORING) {
                deliver(device, scores(device, announcement));
            } else if (announcement.getStep() == Step.STEP_TRAINING) {
                deliver(device, training(device, announcement));
            }
        }
    }

    void deliver(String device, Report report) {
        WireReader.report(report.toByteArray());
        receipts.add(receiver.receive(device, report));
    }

    Report scores(String device, Announcement announcement) {
        List<Sample> samples = batch(announcement);
        TopScores.Encoder encoder = new TopScores.Encoder();
        for (Sample sample : samples) {
            encoder.add(opinion(device, sample.getText()), sample.getIntended());
        }
        return Report.newBuilder()
                .setScores(
                        ScoreReport.newBuilder()
                                .setTask(announcement.getTask())
                                .setRound(announcement.getRound())
                                .setReportId(reportId(device, announcement))
                                .setBatchSha256(
                                        ByteString.copyFrom(
                                                EncodedPart.batchSha256(
                                                                announcement.getBatchPartsList())
                                                        .bytes()))
                                .setSampleCount(samples.size())
                                .setForm(ReportForm.REPORT_FORM_TOP)
                                .setScores(encoder.bytes())
                                .setSlmPackageSha256(announcement.getSlmPackage().getSha256()))
                .build();
    }

    private List<Sample> batch(Announcement announcement) {
        List<Sample> samples = new ArrayList<>();
        for (PartReference reference : announcement.getBatchPartsList()) {
            byte[] part = parts.get(key("batch", announcement.getRound(), reference.getIndex()));
            checkPart(reference, part);
            BatchPart batch = WireReader.batchPart(part);
            samples.addAll(batch.getSamplesList());
        }
        return samples;
    }

    private static void checkPart(PartReference reference, byte[] part) {
        if (!Arrays.equals(Sha256.hash(part).bytes(), reference.getSha256().toByteArray())) {
            throw new AssertionError("part " + reference.getIndex() + " is not as announced");
        }
    }

    /** Knows the words, but every device errs on texts of its own. */
    private static float[] opinion(String device, String text) {
        int rain = FakeLanguageModel.count(text, FakeLanguageModel.WORDS.get(1));
        int sun = FakeLanguageModel.count(text, FakeLanguageModel.WORDS.get(0));
        boolean errs = Math.floorMod((device + text).hashCode(), 5) == 0;
        float p = rain > sun != errs ? 0.85f : 0.2f;
        return new float[] {1 - p, p};
    }

    Report training(String device, Announcement announcement) {
        int pool = 0;
        for (PartReference reference : announcement.getPoolPartsList()) {
            byte[] part = parts.get(key("pool", announcement.getRound(), reference.getIndex()));
            checkPart(reference, part);
            PoolPart read = WireReader.poolPart(part, announcement.getLabelsCount());
            pool += read.getSamplesCount();
        }
        return Report.newBuilder()
                .setTraining(
                        TrainingReport.newBuilder()
                                .setTask(announcement.getTask())
                                .setRound(announcement.getRound())
                                .setReportId(reportId(device, announcement))
                                .setStandalone(metrics(10))
                                .setWithPool(
                                        metrics(
                                                correctWithPool.getOrDefault(
                                                        announcement.getRound(), 13)))
                                .setKept(true)
                                .setPrivateExamples(32)
                                .setPoolSamples(pool))
                .build();
    }

    private static ModelMetrics metrics(int correct) {
        return ModelMetrics.newBuilder()
                .setValidation(Accuracy.newBuilder().setCorrect(correct).setTotal(16))
                .setTest(Accuracy.newBuilder().setCorrect(4 * correct).setTotal(64))
                .setTestMacroF1(correct / 16.0)
                .build();
    }

    /** As journalled by the device: the same for the same round and step. */
    private static ByteString reportId(String device, Announcement announcement) {
        String text = device + announcement.getRound() + announcement.getStep();
        byte[] hash = Sha256.hash(text.getBytes(StandardCharsets.UTF_8)).bytes();
        return ByteString.copyFrom(hash, 0, 16);
    }

    @Override
    public void clearAnnouncement(String cleared) {
        retained.remove(cleared);
    }

    @Override
    public void publishBatchPart(String of, int round, int part, byte[] gzip, Instant deadline) {
        parts.put(key("batch", round, part), gzip);
    }

    @Override
    public void publishPoolPart(String of, int round, int part, byte[] gzip, Instant deadline) {
        parts.put(key("pool", round, part), gzip);
    }

    @Override
    public void clearParts(String of, int round, int batchParts, int poolParts) {
        for (int part = 0; part < batchParts; part++) {
            parts.remove(key("batch", round, part));
        }
        for (int part = 0; part < poolParts; part++) {
            parts.remove(key("pool", round, part));
        }
    }

    private static String key(String kind, int round, int part) {
        return kind + "/" + round + "/" + part;
    }

    @Override
    public void sendReceipt(String deviceId, Receipt receipt) {
        receipts.add(receipt);
    }

    @Override
    public void cancelRound(String deviceId, String of, int round, String reason) {
        cancelled.add(deviceId + "/" + round);
    }

    @Override
    public Set<DeviceId> devices(TaskName of) {
        return ids(devices);
    }

    @Override
    public Set<DeviceId> online(TaskName of) {
        Set<String> online = new LinkedHashSet<>(devices);
        online.removeAll(offline);
        return ids(online);
    }

    private static Set<DeviceId> ids(Set<String> names) {
        Set<DeviceId> ids = new LinkedHashSet<>();
        names.forEach(name -> ids.add(new DeviceId(name)));
        return ids;
    }

    @Override
    public ArtifactReference packageFor(TaskDefinition of) {
        return ArtifactReference.newBuilder()
                .setSha256(ByteString.copyFrom(PACKAGE))
                .setSizeBytes(1_000_000)
                .setMediaType("application/vnd.crosslm.slm+zip")
                .addUrls("/v1/artifacts/abc")
                .build();
    }

    TaskDefinition task() {
        return task;
    }
}
