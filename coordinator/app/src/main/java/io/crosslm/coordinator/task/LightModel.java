package io.crosslm.coordinator.task;

/** A small language model of our own for TensorFlow Lite. */
public enum LightModel {
    /** An embedding bag of hashed n-grams. */
    BAG("bag"),
    /** A convolution over hashed words in their order. */
    CNN("cnn"),
    /** A transformer over hashed words. */
    TRANSFORMER("transformer");

    private final String word;

    LightModel(String word) {
        this.word = word;
    }

    /** As written in task files. */
    public String word() {
        return word;
    }
}
