package io.crosslm.coordinator.round;

import com.google.protobuf.ByteString;
import io.crosslm.coordinator.task.SmallModel;
import io.crosslm.coordinator.task.TaskDefinition;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.Sha256;
import io.crosslm.protocol.TaskName;
import io.crosslm.protocol.wire.Announcement;
import io.crosslm.protocol.wire.ArtifactReference;
import io.crosslm.protocol.wire.ErrorReport;
import io.crosslm.protocol.wire.Receipt;
import io.crosslm.protocol.wire.Report;
import io.crosslm.protocol.wire.Step;
import io.crosslm.protocol.wire.WireReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
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
    static final byte[] LIGHT_PACKAGE = Sha256.hash(new byte[] {4, 5, 6}).bytes();

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

    /** Models that devices want; the others take the first one. */
    final Map<String, String> modelByDevice = new TreeMap<>();

    /** Devices that give the step up which is named. */
    final Map<String, Step> refusing = new LinkedHashMap<>();

    /** Runs before devices report what an announcement asks for. */
    Runnable beforeReports = () -> {};

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
        beforeReports.run();
        for (String device : List.copyOf(devices)) {
            if (silent.contains(device) || offline.contains(device)) {
                continue;
            }
            if (announcement.getStep() == refusing.get(device)) {
                receiver.failed(
                        device,
                        ErrorReport.newBuilder()
                                .setCode("EDGE-3013")
                                .setMessage("all is spent")
                                .setTask(announcement.getTask())
                                .setRound(announcement.getRound())
                                .setGivesUp(announcement.getStep())
                                .build());
            } else if (announcement.getStep() == Step.STEP_SCORING) {
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
        Announcement concerning = concerning(device, announcement);
        return FakeDevice.scores(device, concerning, partsOf("batch", announcement));
    }

    private Announcement concerning(String device, Announcement announcement) {
        return announcement.getEnginePackagesList().stream()
                .filter(one -> one.getModel().equals(modelByDevice.get(device)))
                .findFirst()
                .map(one -> announcement.toBuilder().setSlmPackage(one.getSlmPackage()).build())
                .orElse(announcement);
    }

    private Report training(String device, Announcement announcement) {
        int correct = correctWithPool.getOrDefault(announcement.getRound(), 13);
        return FakeDevice.training(device, announcement, partsOf("pool", announcement), correct);
    }

    private List<byte[]> partsOf(String kind, Announcement announcement) {
        List<byte[]> payloads = new ArrayList<>();
        for (int part = 0; part < FakeDevice.references(announcement).size(); part++) {
            payloads.add(parts.get(key(kind, announcement.getRound(), part)));
        }
        return payloads;
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
    public ArtifactReference packageFor(TaskDefinition of, SmallModel model) {
        return ArtifactReference.newBuilder()
                .setSha256(ByteString.copyFrom(packageOf(model.name())))
                .setSizeBytes(1_000_000)
                .setMediaType("application/vnd.crosslm.slm+zip")
                .addUrls("/v1/artifacts/abc")
                .build();
    }

    private static byte[] packageOf(String model) {
        return switch (model) {
            case "minilm-head" -> PACKAGE;
            case "bag" -> LIGHT_PACKAGE;
            default -> Sha256.hash(model.getBytes(StandardCharsets.UTF_8)).bytes();
        };
    }

    TaskDefinition task() {
        return task;
    }
}
