package io.crosslm.edge.tflite;

import io.crosslm.edge.engine.PackageManifest;
import io.crosslm.edge.model.ModelException;
import io.crosslm.text.HashedNgrams;
import io.crosslm.text.IdFeatures;
import io.crosslm.text.TokenizerException;
import io.crosslm.text.WordVocabulary;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this engine reads in a package's manifest. Immutable. */
final class TfliteManifest {
    private static final String FEATURES = "features";
    private static final long LARGEST_MODEL_BYTES = 256L << 20;
    private static final long LARGEST_VOCABULARY_BYTES = 32L << 20;

    private final PackageManifest manifest;

    TfliteManifest(PackageManifest manifest) {
        this.manifest = manifest;
    }

    /** What engines have in common. */
    PackageManifest common() {
        return manifest;
    }

    Path model() {
        return limited(manifest.file("model"), LARGEST_MODEL_BYTES);
    }

    /** What turns texts into the model's ids. */
    TextIds features() {
        String kind = manifest.text(FEATURES, "kind");
        if (kind.equals("hashed-ngrams")) {
            manifest.integer(FEATURES, "version", HashedNgrams.VERSION, HashedNgrams.VERSION);
            return TextIds.of(HashedNgrams.of(buckets(), maxIds()));
        }
        if (kind.equals("hashed-words")) {
            manifest.integer(FEATURES, "version", HashedWords.VERSION, HashedWords.VERSION);
            return new HashedWords(buckets(), maxIds());
        }
        if (kind.equals("vocabulary")) {
            return TextIds.of(
                    vocabulary(
                            limited(manifest.file(FEATURES, "file"), LARGEST_VOCABULARY_BYTES),
                            manifest.integer(FEATURES, "ids", 2, HashedNgrams.MOST_IDS)));
        }
        throw bad(
                "features.kind is "
                        + kind
                        + " where hashed-ngrams, hashed-words or vocabulary was expected");
    }

    private int buckets() {
        return manifest.integer(FEATURES, "buckets", 2, HashedNgrams.MOST_BUCKETS);
    }

    private int maxIds() {
        return manifest.integer(FEATURES, "maxIds", 1, HashedNgrams.MOST_IDS);
    }

    private static IdFeatures vocabulary(Path file, int ids) {
        try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            return WordVocabulary.read(reader, ids);
        } catch (IOException | TokenizerException e) {
            throw new ModelException(
                    ModelException.Code.BAD_PACKAGE, "The vocabulary cannot be used", e);
        }
    }

    private static Path limited(Path file, long mostBytes) {
        try {
            long size = Files.size(file);
            if (size > mostBytes) {
                throw bad(
                        file.getFileName()
                                + " has "
                                + size
                                + " bytes where at most "
                                + mostBytes
                                + " were expected");
            }
            return file;
        } catch (IOException e) {
            throw new ModelException(
                    ModelException.Code.BAD_PACKAGE,
                    file.getFileName() + " cannot be read; fetch the package again",
                    e);
        }
    }

    private static ModelException bad(String message) {
        return new ModelException(ModelException.Code.BAD_PACKAGE, message);
    }
}
