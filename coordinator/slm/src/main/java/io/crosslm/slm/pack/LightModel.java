package io.crosslm.slm.pack;

import io.crosslm.slm.tflite.ConvolutionModel;
import io.crosslm.slm.tflite.EmbeddingBagModel;
import io.crosslm.slm.tflite.Optimiser;
import io.crosslm.slm.tflite.TransformerModel;
import io.crosslm.text.HashedNgrams;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

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
        byte[] writeQuantised(Map<String, float[]> numbers) {
            return EmbeddingBagModel.writeQuantised(numbers);
        }

        @Override
        TrainingDefaults training() {
            return TrainingDefaults.BAG;
        }
    },
    /** {@link ConvolutionModel} on hashed words in their order; 60 KB, wants more examples. */
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
        byte[] writeQuantised(Map<String, float[]> numbers) {
            return ConvolutionModel.writeQuantised(numbers);
        }

        @Override
        TrainingDefaults training() {
            return TrainingDefaults.CNN;
        }
    },
    /** {@link TransformerModel} on hashed words, each of which sees every other; 150 KB. */
    TRANSFORMER("hashed-words", 128) {
        private static final int EMBEDDING_SIZE = 32;
        private static final int HEADS = 4;
        private static final int FEED_FORWARD_SIZE = 64;
        private static final int LAYERS = 1;

        @Override
        byte[] write(int labelCount, Optimiser optimiser) {
            TransformerModel.Sizes sizes =
                    new TransformerModel.Sizes(
                            LightPackageBuilder.BUCKETS,
                            maxIds(),
                            EMBEDDING_SIZE,
                            HEADS,
                            FEED_FORWARD_SIZE,
                            LAYERS);
            return TransformerModel.write(sizes, labelCount, INITIAL_SEED, optimiser);
        }

        @Override
        byte[] writeQuantised(Map<String, float[]> numbers) {
            return TransformerModel.writeQuantised(numbers, HEADS);
        }

        @Override
        TrainingDefaults training() {
            return TrainingDefaults.TRANSFORMER;
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
                "light model " + word + " is not known; bag, cnn or transformer was expected");
    }

    int maxIds() {
        return maxIds;
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

    /**
     * The .tflite file of a model that was trained elsewhere, which only scores.
     *
     * @throws IllegalArgumentException if the numbers are not those of such a model
     */
    abstract byte[] writeQuantised(Map<String, float[]> numbers);

    /** Rows of the embedding among numbers that {@link #writeQuantised} takes. */
    int rows(Map<String, float[]> numbers) {
        int features =
                count(numbers, EmbeddingBagModel.HEAD_WEIGHT)
                        / count(numbers, EmbeddingBagModel.HEAD_BIAS);
        int size =
                switch (this) {
                    case BAG -> features;
                    case CNN -> features - count(numbers, ConvolutionModel.FILTER_BIAS);
                    case TRANSFORMER -> features / 2;
                };
        return count(numbers, EmbeddingBagModel.EMBEDDING) / size;
    }

    private static int count(Map<String, float[]> numbers, String name) {
        return Objects.requireNonNull(numbers.get(name)).length;
    }

    /** How devices train it. */
    abstract TrainingDefaults training();
}
