package io.crosslm.slm.pack;

import io.crosslm.slm.SlmException;
import io.crosslm.slm.tflite.EmbeddingBagModel;
import io.crosslm.text.HashedNgrams;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Builds SLM packages for TensorFlow Lite: a zip of {@code model.tflite}, what its features need
 * and manifest.json. The model is our own {@link EmbeddingBagModel} on hashed n-grams, 1 MB once it
 * is in memory, or a file of the user's. The same settings give the same bytes.
 */
public final class LightPackageBuilder {
    /** Name of the engine that runs these packages: {@value}. */
    public static final String ENGINE = "tflite";

    /** Buckets of the hashed n-grams, rows of the embedding: {@value}. */
    public static final int BUCKETS = 1 << 14;

    /** Numbers of an embedding: {@value}. */
    public static final int EMBEDDING_SIZE = 16;

    /** Ids of a text at most: {@value}. */
    public static final int MAX_IDS = 512;

    private static final String MODEL = "model.tflite";
    private static final String VOCABULARY = "vocabulary.txt";
    private static final long INITIAL_SEED = 1;

    private final List<String> labels;
    private final Map<String, ZipContent> files = new LinkedHashMap<>();
    private final Map<String, Object> features = new LinkedHashMap<>();
    private String name = "hashed-ngrams";
    private String licence = "Apache-2.0";

    private LightPackageBuilder(List<String> labels) {
        this.labels = labels;
        features.put("kind", "hashed-ngrams");
        features.put("version", HashedNgrams.VERSION);
        features.put("buckets", BUCKETS);
        features.put("maxIds", MAX_IDS);
    }

    /** A builder of packages for a task with these labels. */
    public static LightPackageBuilder of(List<String> labels) {
        return new LightPackageBuilder(Labels.checked(labels));
    }

    /**
     * Takes a model of the user's instead of our own; docs/ref-slm-package.md says which signatures
     * it must have.
     *
     * @param name of the model, for the manifest
     * @param licence of the model, an SPDX identifier
     * @throws SlmException if the file cannot be read
     */
    public LightPackageBuilder model(String name, String licence, Path file) {
        files.put(MODEL, content(file));
        this.name = name;
        this.licence = licence;
        return this;
    }

    /**
     * Takes the words of a vocabulary instead of hashed n-grams.
     *
     * @param file a word and its id in each line, a space between
     * @param ids of each text, padding among them
     * @throws SlmException if the file cannot be read
     */
    public LightPackageBuilder vocabulary(Path file, int ids) {
        files.put(VOCABULARY, content(file));
        features.clear();
        features.put("kind", "vocabulary");
        features.put("file", VOCABULARY);
        features.put("ids", ids);
        return this;
    }

    private static ZipContent content(Path file) {
        try {
            return ZipContent.of(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new SlmException(SlmException.Code.STORAGE, file + " cannot be read", e);
        }
    }

    /**
     * Writes the package atomically.
     *
     * @throws SlmException if the file cannot be written
     */
    public BuiltPackage build(Path file) {
        Map<String, ZipContent> contents = new LinkedHashMap<>(files);
        if (!contents.containsKey(MODEL)) {
            byte[] model =
                    EmbeddingBagModel.write(BUCKETS, EMBEDDING_SIZE, labels.size(), INITIAL_SEED);
            contents.put(MODEL, ZipContent.of(model));
        }
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("engine", ENGINE);
        members.put("name", name);
        members.put("licence", licence);
        members.put("labels", labels);
        members.put("model", MODEL);
        members.put("features", features);
        members.put("training", TrainingDefaults.BAG.toManifest());
        Map<String, ZipContent> entries = new LinkedHashMap<>();
        entries.put("manifest.json", ZipContent.of(Manifest.json(members, contents)));
        entries.putAll(contents);
        try {
            return StoredZip.write(file, entries);
        } catch (IOException e) {
            throw new SlmException(
                    SlmException.Code.STORAGE, "The package cannot be written to " + file, e);
        }
    }
}
