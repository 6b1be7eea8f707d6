package io.crosslm.protocol.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.crosslm.protocol.Limits;
import io.crosslm.protocol.ProtocolException;
import io.crosslm.protocol.ProtocolException.Code;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.Sha256;
import io.crosslm.protocol.TaskName;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** One part of a batch or of a pool, packed as it is published. Immutable. */
public final class EncodedPart {
    private final PartReference reference;
    private final ByteString payload;

    private EncodedPart(PartReference reference, ByteString payload) {
        this.reference = reference;
        this.payload = payload;
    }

    /**
     * Splits a round's batch into as few parts as fit the limits, about equally large.
     *
     * @param samples numbered 0, 1, 2 …
     * @throws ProtocolException if the batch has more samples or parts than allowed
     */
    public static List<EncodedPart> ofBatch(
            TaskName task, RoundNumber round, List<Sample> samples) {
        Rules.count("count of samples", samples.size(), 1, Limits.MAX_BATCH_SAMPLES);
        List<EncodedPart> parts =
                split(
                        samples,
                        Limits.MAX_BATCH_PARTS,
                        (index, some) ->
                                BatchPart.newBuilder()
                                        .setTask(task.value())
                                        .setRound(round.value())
                                        .setPart(index)
                                        .addAllSamples(some)
                                        .build());
        for (EncodedPart part : parts) {
            WireReader.batchPart(part.payload());
        }
        return parts;
    }

    /** Splits the pool as it is published for a round; like {@link #ofBatch}. */
    public static List<EncodedPart> ofPool(
            TaskName task, RoundNumber round, List<PoolSample> samples) {
        Rules.count("count of samples", samples.size(), 0, Limits.MAX_POOL_SAMPLES);
        return split(
                samples,
                Limits.MAX_POOL_PARTS,
                (index, some) ->
                        PoolPart.newBuilder()
                                .setTask(task.value())
                                .setRound(round.value())
                                .setPart(index)
                                .addAllSamples(some)
                                .build());
    }

    /** The identity of a batch: SHA-256 over its parts' SHA-256 values in order. */
    public static Sha256 batchSha256(List<PartReference> parts) {
        MessageDigest digest = Sha256.digest();
        for (PartReference part : parts) {
            digest.update(part.getSha256().toByteArray());
        }
        return Sha256.of(digest.digest());
    }

    private static <T> List<EncodedPart> split(List<T> samples, int maxParts, Writer<T> writer) {
        if (samples.isEmpty()) {
            return Collections.emptyList();
        }
        for (int count = 1; count <= Math.min(maxParts, samples.size()); ) {
            List<EncodedPart> parts = new ArrayList<>();
            int largest = 0;
            for (int index = 0; index < count; index++) {
                int from = (int) ((long) samples.size() * index / count);
                int to = (int) ((long) samples.size() * (index + 1) / count);
                byte[] message = writer.message(index, samples.subList(from, to)).toByteArray();
                byte[] packed = Gzip.pack(message);
                largest = Math.max(largest, partsNeeded(message.length, packed.length));
                parts.add(
                        new EncodedPart(
                                reference(index, packed, to - from), ByteString.copyFrom(packed)));
            }
            if (largest == 1) {
                return Collections.unmodifiableList(parts);
            }
            // The largest part says how many times too large it is; one more at least.
            count = Math.max(count + 1, (int) Math.min(maxParts, (long) count * (largest - 1)));
        }
        throw new ProtocolException(
                Code.TOO_LARGE,
                samples.size()
                        + " samples do not fit into "
                        + maxParts
                        + " parts of "
                        + Limits.MAX_PART_BYTES
                        + " bytes; use fewer or shorter ones");
    }

    private static int partsNeeded(int messageBytes, int packedBytes) {
        int byPacked = (packedBytes + Limits.MAX_PART_BYTES - 1) / Limits.MAX_PART_BYTES;
        int byMessage =
                (messageBytes + Limits.MAX_UNPACKED_PART_BYTES - 1)
                        / Limits.MAX_UNPACKED_PART_BYTES;
        return Math.max(byPacked, byMessage);
    }

    private static PartReference reference(int index, byte[] packed, int samples) {
        return PartReference.newBuilder()
                .setIndex(index)
                .setSha256(ByteString.copyFrom(Sha256.hash(packed).bytes()))
                .setSampleCount(samples)
                .setSizeBytes(packed.length)
                .build();
    }

    public int index() {
        return reference.getIndex();
    }

    /** How an announcement names this part. */
    public PartReference reference() {
        return reference;
    }

    /** Gzip, as published. */
    public byte[] payload() {
        return payload.toByteArray();
    }

    /** Makes the message of one part. */
    @FunctionalInterface
    private interface Writer<T> {
        MessageLite message(int index, List<T> samples);
    }
}
