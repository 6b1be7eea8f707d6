package io.crosslm.slm.pack;

import io.crosslm.slm.SlmException;
import io.crosslm.slm.tflite.EmbeddingBagModel;
import io.crosslm.slm.tflite.Optimiser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Builds SLM packages for TensorFlow Lite: a zip of {@code model.tflite}, what its features need
 * and manifest.json. The model is one of our own ({@link LightModel}), 1 to 2 MB once it is in
 * memory, or a file of the user's. The same settings give the same bytes.
 */
public final class LightPackageBuilder {
    /** Name of the engine that runs these packages: {@value}. */
    public static final String ENGINE = "tflite";

    /** Buckets of the hashed n-grams, rows of the embedding: {@value}. */
    public static final int BUCKETS = 1 << 14;

    /** Numbers of an embedding of bag and CNN: {@value}. */
    public static final int EMBEDDING_SIZE = 16;

    /** Filters of the convolution: {@value}. */
    public static final int FILTERS = 64;

    private static final String MODEL = "model.tflite";
    private static final String VOCABULARY = "vocabulary.txt";

    private final List<String> labels;
    private final Map<String, ZipContent> files = new LinkedHashMap<>();
    private final Map<String, Object> features = new LinkedHashMap<>();
    private LightModel model = LightModel.BAG;
    private Optimiser optimiser = Optimiser.ADAM_W;
    private final TrainingChoices choices = new TrainingChoices();
    private String name = LightModel.BAG.manifestName();
    private String licence = "Apache-2.0";

    private LightPackageBuilder(List<String> labels) {
        this.labels = labels;
        features.putAll(LightModel.BAG.features());
    }

    /** A builder of packages for a task with these labels. */
    public static LightPackageBuilder of(List<String> labels) {
        return new LightPackageBuilder(Labels.checked(labels));
    }

    /** Takes another of our own models than {@link LightModel#BAG}, and its features. */
    public LightPackageBuilder model(LightModel ours) {
        model = ours;
        name = ours.manifestName();
        features.clear();
        features.putAll(ours.features());
        return this;
    }

    /**
     * Takes the numbers of our own model, which was trained elsewhere, as one with int8 tables, to
     * score and not to train. Call {@link #model(LightModel)} before.
     *
     * @param numbers of each parameter, row-major, by the names that its signature save has
     * @throws SlmException BAD_INPUT if they are not those of such a model
     */
    public LightPackageBuilder trained(Map<String, float[]> numbers) {
        float[] bias = numbers.get(EmbeddingBagModel.HEAD_BIAS);
        if (bias != null && bias.length != labels.size()) {
            throw new SlmException(
                    SlmException.Code.BAD_INPUT,
                    "A model of "
                            + bias.length
                            + " labels came where "
                            + labels.size()
                            + " were expected");
        }
        try {
            files.put(MODEL, ZipContent.of(model.writeQuantised(numbers)));
        } catch (IllegalArgumentException e) {
            throw new SlmException(
                    SlmException.Code.BAD_INPUT,
                    "The numbers of a " + model.word() + " cannot be packed: " + e.getMessage(),
                    e);
        }
        features.put("buckets", model.rows(numbers));
        name = model.manifestName() + "-int8";
        return this;
    }

    /** Has our own model trained by another optimiser than {@link Optimiser#ADAM_W}. */
    public LightPackageBuilder optimiser(Optimiser other) {
        optimiser = other;
        return this;
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

    /** As {@link SlmPackageBuilder#classBalance}. */
    public LightPackageBuilder classBalance(double share) {
        choices.classBalance(share);
        return this;
    }

    /** As {@link SlmPackageBuilder#patience}. */
    public LightPackageBuilder patience(int epochs) {
        choices.patience(epochs);
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
            contents.put(MODEL, ZipContent.of(model.write(labels.size(), optimiser)));
        }
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("engine", ENGINE);
        members.put("name", name);
        members.put("licence", licence);
        members.put("labels", labels);
        members.put("model", MODEL);
        members.put("features", features);
        members.put("training", choices.added(model.training()));
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
