package io.crosslm.testkit;

import io.crosslm.edge.DeviceIdentity;
import io.crosslm.edge.EdgeClient;
import io.crosslm.edge.data.Example;
import io.crosslm.edge.data.ExampleSource;
import io.crosslm.edge.link.DeviceLink;
import io.crosslm.edge.model.ModelEngine;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.Sha256;
import io.crosslm.protocol.TaskName;
import io.crosslm.protocol.TenantId;
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
import io.crosslm.testkit.FakeCoordinator.ReportKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A device of the task "mood", its coordinator's HTTP side, and what its rounds are made of. */
final class EdgeRig implements AutoCloseable {
    static final TaskName TASK = new TaskName("mood");
    static final DeviceId DEVICE = new DeviceId("silo-1");
    static final List<String> LABELS = List.of("bad", "good");
    static final RoundNumber ROUND = new RoundNumber(1);

    final ArtifactServer artifacts = ArtifactServer.start();
    final RecordingListener heard = new RecordingListener();
    final ChangingExamples examples = new ChangingExamples();
    final Path storage;
    final Sha256 packageSha256;
    private final int packageBytes;
    private long sequence;

    EdgeRig(Path directory) {
        this.storage = directory.resolve("storage");
        try {
            byte[] zip =
                    Files.readAllBytes(
                            FormulaPackage.writeZip(directory.resolve("package.zip"), LABELS));
            this.packageSha256 = artifacts.put(zip);
            this.packageBytes = zip.length;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    EdgeClient.Builder client(DeviceLink link, String brokerUri) {
        return client(link, brokerUri, new FormulaEngine());
    }

    EdgeClient.Builder client(DeviceLink link, String brokerUri, ModelEngine engine) {
        return builder(artifacts.uri(), storage, link, brokerUri)
                .task(TASK.value(), examples, engine)
                .listener(heard);
    }

    /** A client that takes one of the task's models by name. */
    EdgeClient.Builder client(DeviceLink link, String brokerUri, String model) {
        return builder(artifacts.uri(), storage, link, brokerUri)
                .task(TASK.value(), examples, new FormulaEngine(), model)
                .listener(heard);
    }

    /** The client of the same directory after it was enrolled again. */
    EdgeClient.Builder clientOf(DeviceId device, DeviceLink link, String brokerUri) {
        return builder(device, artifacts.uri(), storage, link, brokerUri)
                .task(TASK.value(), examples, new FormulaEngine())
                .listener(heard);
    }

    static EdgeClient.Builder builder(
            URI coordinator, Path storage, DeviceLink link, String brokerUri) {
        return builder(DEVICE, coordinator, storage, link, brokerUri);
    }

    private static EdgeClient.Builder builder(
            DeviceId device, URI coordinator, Path storage, DeviceLink link, String brokerUri) {
        DeviceIdentity identity =
                new DeviceIdentity(
                        device, "secret", TenantId.DEFAULT, URI.create(brokerUri), coordinator);
        return EdgeClient.builder(coordinator, identity)
                .storage(storage)
                .link(link)
                .random(new Random(5))
                .reconnect(Duration.ofMillis(1), Duration.ofMillis(20))
                .receiptTimeout(Duration.ofMillis(500));
    }

    /** An announcement with everything but a step and parts, newer than the one before. */
    Announcement.Builder announcement(RoundNumber round, Step step) {
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
                                .setSha256(
                                        com.google.protobuf.ByteString.copyFrom(
                                                packageSha256.bytes()))
                                .setSizeBytes(packageBytes)
                                .setMediaType("application/vnd.crosslm.slm+zip")
                                .addUrls("/v1/artifacts/" + packageSha256.hex()))
                .setTraining(TrainingTerms.newBuilder().setPoolWeight(0.5).setMaxEpochs(20));
    }

    Announcement scoring(RoundNumber round, List<EncodedPart> parts) {
        Announcement.Builder announcement = announcement(round, Step.STEP_SCORING);
        parts.forEach(part -> announcement.addBatchParts(part.reference()));
        return announcement.build();
    }

    Announcement training(RoundNumber round, List<EncodedPart> parts) {
        Announcement.Builder announcement = announcement(round, Step.STEP_TRAINING);
        parts.forEach(part -> announcement.addPoolParts(part.reference()));
        return announcement.build();
    }

    static List<EncodedPart> batch(RoundNumber round, int samples) {
        List<Sample> batch = new ArrayList<>();
        for (int i = 0; i < samples; i++) {
            batch.add(
                    Sample.newBuilder()
                            .setIndex(i)
                            .setText(synthetic(i))
                            .setIntended(i % 2)
                            .build());
        }
        return EncodedPart.ofBatch(TASK, round, batch);
    }

    static List<EncodedPart> pool(RoundNumber round, int samples) {
        List<PoolSample> pool = new ArrayList<>();
        for (int i = 0; i < samples; i++) {
            float[] soft = i % 2 == 0 ? new float[] {0.9f, 0.1f} : new float[] {0.1f, 0.9f};
            pool.add(
                    PoolSample.newBuilder()
                            .setText(synthetic(i))
                            .setSoftLabel(SoftLabels.encode(soft))
                            .build());
        }
        return EncodedPart.ofPool(TASK, round, pool);
    }

    static ReportKey scores(RoundNumber round) {
        return new ReportKey(DEVICE, TASK, round, ReportKind.REPORT_KIND_SCORES);
    }

    static ReportKey trainingReport(RoundNumber round) {
        return new ReportKey(DEVICE, TASK, round, ReportKind.REPORT_KIND_TRAINING);
    }

    private static String synthetic(int i) {
        String mood = i % 2 == 0 ? "awful broken" : "lovely working";
        return "synthetic " + mood + " thing number " + i;
    }

    @Override
    public void close() {
        artifacts.close();
    }

    /** Examples that a test replaces while the client runs. */
    static final class ChangingExamples implements ExampleSource {
        private volatile ExampleSource now = new Examples();

        void become(ExampleSource other) {
            now = other;
        }

        @Override
        public ExampleSource snapshot(List<String> labels) {
            return now;
        }

        @Override
        public List<Example> training() {
            throw new AssertionError("expected to be asked for a snapshot");
        }

        @Override
        public List<Example> validation() {
            throw new AssertionError("expected to be asked for a snapshot");
        }
    }

    /** Private texts with a canary word in each. */
    static final class Examples implements ExampleSource {
        static final String CANARY = "quetzalcoatl";

        private final int count;
        private final int validationCount;

        Examples() {
            this(12);
        }

        Examples(int training) {
            this(training, 6);
        }

        Examples(int training, int validation) {
            this.count = training;
            this.validationCount = validation;
        }

        @Override
        public List<Example> training() {
            return examples(count);
        }

        @Override
        public List<Example> validation() {
            return examples(validationCount);
        }

        @Override
        public List<Example> test() {
            return examples(8);
        }

        private static List<Example> examples(int count) {
            List<Example> examples = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                String mood = i % 2 == 0 ? "an awful broken thing" : "a lovely working thing";
                examples.add(Example.of(mood + " of " + CANARY + i, LABELS.get(i % 2)));
            }
            return examples;
        }
    }
}
