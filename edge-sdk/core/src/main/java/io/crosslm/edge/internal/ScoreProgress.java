package io.crosslm.edge.internal;

import com.google.protobuf.ByteString;
import io.crosslm.edge.store.AtomicFile;
import io.crosslm.protocol.Limits;
import io.crosslm.protocol.Sha256;
import io.crosslm.protocol.wire.TopScores;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The scores of a batch as far as they are computed, kept on disk so that a killed device goes on
 * where it was: hash of batch and model, then the bytes of a report. Confined to one thread.
 */
final class ScoreProgress {
    private final Path file;
    private final Sha256 key;
    private final int bytesPerSample;
    private final ByteArrayOutputStream scores = new ByteArrayOutputStream();

    private ScoreProgress(Path file, Sha256 key, int bytesPerSample) {
        this.file = file;
        this.key = key;
        this.bytesPerSample = bytesPerSample;
    }

    /**
     * Progress of a batch with a model; that of another batch or model, or in another form, is
     * forgotten.
     */
    static ScoreProgress open(
            Path file, Sha256 batch, Sha256 model, int samples, int bytesPerSample)
            throws IOException {
        java.security.MessageDigest digest = Sha256.digest();
        digest.update(batch.bytes());
        digest.update(model.bytes());
        if (bytesPerSample != TopScores.BYTES_PER_SAMPLE) {
            digest.update((byte) bytesPerSample);
        }
        ScoreProgress progress =
                new ScoreProgress(file, Sha256.of(digest.digest()), bytesPerSample);
        long largest = Limits.SHA256_BYTES + (long) bytesPerSample * samples;
        if (Files.exists(file) && Files.size(file) <= largest) {
            byte[] bytes = Files.readAllBytes(file);
            int header = Limits.SHA256_BYTES;
            if (bytes.length >= header
                    && Arrays.equals(Arrays.copyOf(bytes, header), progress.key.bytes())) {
                progress.scores.write(bytes, header, bytes.length - header);
            }
        }
        return progress;
    }

    /** How many samples have their scores. */
    int samples() {
        return scores.size() / bytesPerSample;
    }

    void add(ByteString some) throws IOException {
        some.writeTo(scores);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(key.bytes());
        scores.writeTo(all);
        AtomicFile.write(file, all.toByteArray());
    }

    ByteString bytes() {
        return ByteString.copyFrom(scores.toByteArray());
    }
}
