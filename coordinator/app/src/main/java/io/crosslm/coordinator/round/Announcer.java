package io.crosslm.coordinator.round;

import com.google.protobuf.ByteString;
import io.crosslm.coordinator.round.RoundDocuments.Generation;
import io.crosslm.coordinator.round.RoundDocuments.ModelPackage;
import io.crosslm.coordinator.round.RoundDocuments.Part;
import io.crosslm.coordinator.task.TaskDefinition;
import io.crosslm.protocol.Hashes;
import io.crosslm.protocol.Sha256;
import io.crosslm.protocol.wire.Announcement;
import io.crosslm.protocol.wire.ArtifactReference;
import io.crosslm.protocol.wire.EncodedPart;
import io.crosslm.protocol.wire.EnginePackage;
import io.crosslm.protocol.wire.PartReference;
import io.crosslm.protocol.wire.TrainingTerms;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Tells devices of the steps of rounds and publishes their parts. Thread-safe. */
final class Announcer {
    private final FleetLink link;
    private final RoundStore store;
    private final RoundArtifacts artifacts;

    Announcer(FleetLink link, RoundStore store, RoundArtifacts artifacts) {
        this.link = link;
        this.store = store;
        this.artifacts = artifacts;
    }

    /** A step in which devices have nothing to do. */
    void announce(RoundContext context) {
        link.announce(announcement(context).build());
    }

    /** SCORING: the batch first, then its announcement. */
    void announceScoring(RoundContext context, Instant deadline) {
        Generation generation = context.generation();
        for (Part part : generation.parts()) {
            link.publishBatchPart(
                    context.task().name().value(),
                    context.id().number().value(),
                    part.index(),
                    artifacts.read(Sha256.ofHex(part.sha256())),
                    deadline);
        }
        link.announce(
                withTerms(announcement(context), context, deadline)
                        .addAllBatchParts(references(generation.parts()))
                        .build());
    }

    /** TRAINING: the pool first, then its announcement. */
    void announceTraining(RoundContext context, Instant deadline) {
        List<Part> parts = context.curation().parts();
        for (Part part : parts) {
            link.publishPoolPart(
                    context.task().name().value(),
                    context.id().number().value(),
                    part.index(),
                    artifacts.read(Sha256.ofHex(part.sha256())),
                    deadline);
        }
        link.announce(
                withTerms(announcement(context), context, deadline)
                        .addAllPoolParts(references(parts))
                        .build());
    }

    /** The round is over: devices stop, and nothing of it stays with the broker. */
    void conclude(RoundHistory history, DeviceDirectory directory) {
        String task = history.id().task().value();
        int round = history.id().number().value();
        if (history.step() != RoundStep.CLOSED) {
            String reason = history.last().reason();
            link.announce(
                    Announcement.newBuilder()
                            .setTask(task)
                            .setRound(round)
                            .setStep(history.step().toWire())
                            .setSequence(store.nextSequence(history.id().task()))
                            .setReason(reason)
                            .build());
            directory
                    .online(history.id().task())
                    .forEach(device -> link.cancelRound(device.value(), task, round, reason));
        }
        clear(history.id());
    }

    /** Takes announcement and parts of a round away. */
    void clear(RoundId id) {
        link.clearAnnouncement(id.task().value());
        link.clearParts(
                id.task().value(),
                id.number().value(),
                store.document(id, DocumentKind.GENERATION)
                        .map(json -> RoundDocuments.read(json, Generation.class).parts().size())
                        .orElse(0),
                store.document(id, DocumentKind.CURATION)
                        .map(json -> RoundDocuments.read(json, RoundDocuments.Curation.class))
                        .map(curation -> curation.parts().size())
                        .orElse(0));
    }

    private Announcement.Builder announcement(RoundContext context) {
        return Announcement.newBuilder()
                .setTask(context.task().name().value())
                .setRound(context.id().number().value())
                .setStep(context.history().step().toWire())
                .setSequence(store.nextSequence(context.task().name()))
                .addAllLabels(context.task().labelNames());
    }

    private static Announcement.Builder withTerms(
            Announcement.Builder announcement, RoundContext context, Instant deadline) {
        TaskDefinition task = context.task();
        for (ModelPackage one : context.generation().packages()) {
            announcement.addEnginePackages(
                    EnginePackage.newBuilder()
                            .setEngine(one.engine())
                            .setSlmPackage(reference(one.slmPackage()))
                            .setModel(one.model()));
        }
        return announcement
                .setDeadlineMillis(deadline.toEpochMilli())
                .setTerms(
                        task.settings()
                                .privacy()
                                .toWire()
                                .setReportForm(task.settings().reports().form().toWire()))
                .setSelectionSeed(
                        ByteString.copyFrom(
                                Seeds.bytes(task.settings().seed(), context.id(), "selection")))
                .setSelectionThreshold(Hashes.SELECT_ALL)
                .setSlmPackage(reference(context.generation().slmPackage()))
                .setTraining(
                        TrainingTerms.newBuilder()
                                .setPoolWeight(task.settings().pool().weight())
                                .setMaxEpochs(task.settings().trainingEpochs()));
    }

    private static ArtifactReference reference(RoundDocuments.Package slmPackage) {
        return ArtifactReference.newBuilder()
                .setSha256(bytes(slmPackage.sha256()))
                .setSizeBytes(slmPackage.bytes())
                .setMediaType(slmPackage.mediaType())
                .addAllUrls(slmPackage.urls())
                .build();
    }

    static RoundDocuments.Package document(ArtifactReference reference) {
        return new RoundDocuments.Package(
                Sha256.of(reference.getSha256().toByteArray()).hex(),
                reference.getSizeBytes(),
                reference.getMediaType(),
                List.copyOf(reference.getUrlsList()));
    }

    static List<PartReference> references(List<Part> parts) {
        List<PartReference> references = new ArrayList<>();
        for (Part part : parts) {
            references.add(
                    PartReference.newBuilder()
                            .setIndex(part.index())
                            .setSha256(bytes(part.sha256()))
                            .setSampleCount(part.samples())
                            .setSizeBytes(part.bytes())
                            .build());
        }
        return references;
    }

    /** Keeps the payloads, so that a later start publishes the same bytes. */
    static List<Part> store(List<EncodedPart> encoded, RoundArtifacts artifacts) {
        List<Part> parts = new ArrayList<>();
        for (EncodedPart part : encoded) {
            Sha256 sha256 = artifacts.put(part.payload());
            PartReference reference = part.reference();
            parts.add(
                    new Part(
                            part.index(),
                            sha256.hex(),
                            reference.getSampleCount(),
                            reference.getSizeBytes()));
        }
        return parts;
    }

    private static ByteString bytes(String sha256) {
        return ByteString.copyFrom(Sha256.ofHex(sha256).bytes());
    }
}
