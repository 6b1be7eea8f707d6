package io.crosslm.sample;

import static org.robolectric.Shadows.shadowOf;

import android.os.Looper;
import com.google.protobuf.ByteString;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.Sha256;
import io.crosslm.protocol.TaskName;
import io.crosslm.protocol.wire.Announcement;
import io.crosslm.protocol.wire.ArtifactReference;
import io.crosslm.protocol.wire.EncodedPart;
import io.crosslm.protocol.wire.PoolSample;
import io.crosslm.protocol.wire.ReportForm;
import io.crosslm.protocol.wire.ReportKind;
import io.crosslm.protocol.wire.Sample;
import io.crosslm.protocol.wire.SoftLabels;
import io.crosslm.protocol.wire.Step;
import io.crosslm.protocol.wire.Terms;
import io.crosslm.protocol.wire.TrainingTerms;
import io.crosslm.sample.device.Device;
import io.crosslm.sample.note.Note;
import io.crosslm.testkit.ArtifactServer;
import io.crosslm.testkit.FakeCoordinator;
import io.crosslm.testkit.FakeCoordinator.ReportKey;
import io.crosslm.testkit.FormulaPackage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.robolectric.RuntimeEnvironment;

/** The app's phone in a test, and its coordinator: enrolment, package, rounds. */
public final class Phone implements AutoCloseable {
    public static final String CODE = "SPRING-42";
    public static final TaskName TASK = new TaskName("mood");
    public static final List<String> LABELS = List.of("good", "bad");
    public static final DeviceId DEVICE = new DeviceId("phone-7");

    private static final String BROKER = "tcp://memory:1";
    private static final long PATIENCE_NANOS = 60_000_000_000L;

    private final TestApp app = (TestApp) RuntimeEnvironment.getApplication();
    private final ArtifactServer server = ArtifactServer.start();
    private final FakeCoordinator coordinator;
    private final Sha256 packageSha256;
    private final int packageBytes;
    private long sequence;

    public Phone() throws Exception {
        Path zip = Files.createTempFile("package", ".zip");
        byte[] content = Files.readAllBytes(FormulaPackage.writeZip(zip, LABELS));
        Files.delete(zip);
        this.packageSha256 = server.put(content);
        this.packageBytes = content.length;
        this.coordinator = new FakeCoordinator(app.broker(), BROKER);
        server.putEnrolment(
                CODE,
                String.format(
                        "{\"deviceId\":\"%s\",\"token\":\"secret\",\"tenant\":\"default\","
                                + "\"brokerUri\":\"%s\",\"coordinatorUri\":\"%s\"}",
                        DEVICE, BROKER, server.uri()));
    }

    public TestApp app() {
        return app;
    }

    public Device device() {
        return app.device();
    }

    public FakeCoordinator coordinator() {
        return coordinator;
    }

    public ArtifactServer server() {
        return server;
    }

    /** What the user types to enrol. */
    public String code() {
        return server.uri().toString().replace("http", "crosslm") + "/" + CODE;
    }

    public Phone enrolled() throws IOException {
        device().enrol(code(), TASK.value(), LABELS);
        return this;
    }

    public Phone withNotes(int count) {
        List<Note> notes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            notes.add(
                    i % 2 == 0
                            ? new Note("a lovely working thing number " + i, "good")
                            : new Note("an awful broken thing number " + i, "bad"));
        }
        device().notes().add(notes);
        return this;
    }

    public void openScoring(int round, int samples) throws Exception {
        List<Sample> batch = new ArrayList<>();
        for (int i = 0; i < samples; i++) {
            batch.add(
                    Sample.newBuilder()
                            .setIndex(i)
                            .setText(synthetic(i))
                            .setIntended(i % 2)
                            .build());
        }
        RoundNumber number = new RoundNumber(round);
        List<EncodedPart> parts = EncodedPart.ofBatch(TASK, number, batch);
        coordinator.publishBatch(TASK, number, parts);
        Announcement.Builder announcement = announcement(number, Step.STEP_SCORING);
        parts.forEach(part -> announcement.addBatchParts(part.reference()));
        coordinator.announce(announcement.build());
    }

    public void openTraining(int round, int samples) throws Exception {
        List<PoolSample> pool = new ArrayList<>();
        for (int i = 0; i < samples; i++) {
            float[] soft = i % 2 == 0 ? new float[] {0.9f, 0.1f} : new float[] {0.1f, 0.9f};
            pool.add(
                    PoolSample.newBuilder()
                            .setText(synthetic(i))
                            .setSoftLabel(SoftLabels.encode(soft))
                            .build());
        }
        RoundNumber number = new RoundNumber(round);
        List<EncodedPart> parts = EncodedPart.ofPool(TASK, number, pool);
        coordinator.publishPool(TASK, number, parts);
        Announcement.Builder announcement = announcement(number, Step.STEP_TRAINING);
        parts.forEach(part -> announcement.addPoolParts(part.reference()));
        coordinator.announce(announcement.build());
    }

    public static ReportKey scores(int round) {
        return new ReportKey(DEVICE, TASK, new RoundNumber(round), ReportKind.REPORT_KIND_SCORES);
    }

    public static ReportKey training(int round) {
        return new ReportKey(DEVICE, TASK, new RoundNumber(round), ReportKind.REPORT_KIND_TRAINING);
    }

    /** Lets the main thread work until something is so. */
    public static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError(what + " has not come");
            }
            Thread.yield();
            shadowOf(Looper.getMainLooper()).idleFor(java.time.Duration.ofMillis(50));
        }
    }

    private static String synthetic(int i) {
        return (i % 2 == 0 ? "some lovely working" : "some awful broken") + " thing " + i;
    }

    private Announcement.Builder announcement(RoundNumber round, Step step) {
        sequence++;
        return Announcement.newBuilder()
                .setTask(TASK.value())
                .setRound(round.value())
                .setStep(step)
                .setEpoch(1)
                .setSequence(sequence)
                .addAllLabels(LABELS)
                .setTerms(
                        Terms.newBuilder()
                                .setPrivacyMode("none")
                                .setReportForm(ReportForm.REPORT_FORM_TOP))
                .setSelectionThreshold(-1)
                .setSlmPackage(
                        ArtifactReference.newBuilder()
                                .setSha256(ByteString.copyFrom(packageSha256.bytes()))
                                .setSizeBytes(packageBytes)
                                .setMediaType("application/vnd.crosslm.slm+zip")
                                .addUrls("/v1/artifacts/" + packageSha256.hex()))
                .setTraining(TrainingTerms.newBuilder().setPoolWeight(0.5).setMaxEpochs(20));
    }

    @Override
    public void close() {
        device().stop();
        coordinator.close();
        server.close();
    }
}
