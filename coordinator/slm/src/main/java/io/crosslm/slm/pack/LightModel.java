package io.crosslm.slm.pack;

import io.crosslm.slm.tflite.ConvolutionModel;
import io.crosslm.slm.tflite.EmbeddingBagModel;
import io.crosslm.slm.tflite.Optimiser;
import io.crosslm.text.HashedNgrams;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Our own models for TensorFlow Lite. */
public enum LightModel {
    /** {@link EmbeddingBagModel} on hashed n-grams; 20 KB, learns of few examples. */
    BAG("hashed-ngrams", 512) {
        @Override
        byte[] write(int labelCount, Optimiser optimiser) {
            return EmbeddingBagModel.write(
                    LightPackageBuilder.BUCKETS,
                    LightPackageBuilder.EMBEDDING_SIZE,
                    labelCount,
                    INITIAL_SEED,
                    optimiser);
        }

        @Override
        TrainingDefaults training() {
            return TrainingDefaults.BAG;
        }
    },
    /** {@link ConvolutionModel} on hashed words in their order; 70 KB, wants more examples. */
    CNN("hashed-words", 256) {
        @Override
        byte[] write(int labelCount, Optimiser optimiser) {
            ConvolutionModel.Sizes sizes =
                    new ConvolutionModel.Sizes(
                            LightPackageBuilder.BUCKETS,
                            LightPackageBuilder.EMBEDDING_SIZE,
                            LightPackageBuilder.FILTERS);
            return ConvolutionModel.write(sizes, labelCount, INITIAL_SEED, optimiser);
        }

        @Override
        TrainingDefaults training() {
            return TrainingDefaults.CNN;
        }
    };

    private static final long INITIAL_SEED = 1;
    private static final int WORDS_VERSION = 1;

    private final String featureKind;
    private final int maxIds;

    LightModel(String featureKind, int maxIds) {
        this.featureKind = featureKind;
        this.maxIds = maxIds;
    }

    /** The word in options. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The model of a word.
     *
     * @throws IllegalArgumentException if there is none of this word
     */
    public static LightModel of(String word) {
        for (LightModel model : values()) {
            if (model.word().equals(word)) {
                return model;
            }
        }
        throw new IllegalArgumentException(
                "light model " + word + " is not known; bag or cnn was expected");
    }

    /** Name in manifests. */
    String manifestName() {
        return this == BAG ? featureKind : featureKind + "-" + word();
    }

    /** Member features of manifests. */
    Map<String, Object> features() {
        Map<String, Object> features = new LinkedHashMap<>();
        features.put("kind", featureKind);
        features.put("version", this == BAG ? HashedNgrams.VERSION : WORDS_VERSION);
        features.put("buckets", LightPackageBuilder.BUCKETS);
        features.put("maxIds", maxIds);
        return features;
    }

    /** The .tflite file. */
    abstract byte[] write(int labelCount, Optimiser optimiser);

    /** How devices train it. */
    abstract TrainingDefaults training();
}
