package io.crosslm.coordinator.task;

/** Which weights of the small language model a device trains. */
public enum SlmMode {
    /** A linear head on the frozen encoder. */
    HEAD("head"),
    /** The head and low-rank matrices in the encoder. */
    LORA("lora"),
    /** The head and all weights of the encoder but its tables of embeddings. */
    FULL("full"),
    /** The head and the encoder's biases. */
    BIAS("bias");

    private final String word;

    SlmMode(String word) {
        this.word = word;
    }

    /** As written in task files. */
    public String word() {
        return word;
    }
}
