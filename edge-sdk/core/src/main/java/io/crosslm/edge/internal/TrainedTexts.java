package io.crosslm.edge.internal;

import io.crosslm.edge.model.LabelledText;
import io.crosslm.edge.store.AtomicFile;
import io.crosslm.protocol.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * On which private texts a model was trained, as hashes of eight bytes. The examples may change
 * between two rounds: a text that trained the model before does not count when the two are
 * compared, even if it validates now. Immutable.
 */
final class TrainedTexts {
    private final Set<Long> hashes;

    private TrainedTexts(Set<Long> hashes) {
        this.hashes = hashes;
    }

    static TrainedTexts of(List<LabelledText> texts) {
        Set<Long> hashes = new HashSet<>();
        for (LabelledText text : texts) {
            hashes.add(hash(text));
        }
        return new TrainedTexts(hashes);
    }

    /** Those of a file; none where there is no file, as an earlier version left it. */
    static TrainedTexts load(Path file) throws IOException {
        Set<Long> hashes = new HashSet<>();
        try {
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
            while (bytes.remaining() >= Long.BYTES) {
                hashes.add(bytes.getLong());
            }
        } catch (NoSuchFileException e) {
            return new TrainedTexts(hashes);
        }
        return new TrainedTexts(hashes);
    }

    void save(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES * hashes.size());
        hashes.forEach(bytes::putLong);
        AtomicFile.write(file, bytes.array());
    }

    /** Indexes of the texts that the model was not trained on. */
    List<Integer> unseen(List<LabelledText> texts) {
        List<Integer> unseen = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            if (!hashes.contains(hash(texts.get(i)))) {
                unseen.add(i);
            }
        }
        return unseen;
    }

    private static long hash(LabelledText text) {
        byte[] hash = Sha256.hash(text.text().getBytes(StandardCharsets.UTF_8)).bytes();
        return ByteBuffer.wrap(hash).getLong();
    }
}
