package io.crosslm.slm.pack;

import java.util.Locale;

/** What a device trains. */
public enum SlmMode {
    /** A linear head on the frozen encoder; embeddings are computed once per text. */
    HEAD,
    /** LoRA adapters beside linear layers of the encoder, and the head. */
    LORA,
    /** All weights of the encoder but its tables of embeddings, and the head. */
    FULL,
    /** The encoder's biases (BitFit, Ben Zaken et al. 2022), and the head. */
    BIAS;

    /** The word in manifests and settings. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The mode of a word in settings. */
    public static SlmMode of(String word) {
        for (SlmMode mode : values()) {
            if (mode.word().equals(word)) {
                return mode;
            }
        }
        throw new IllegalArgumentException(
                "SLM mode " + word + " is not known; head, lora, full or bias was expected");
    }
}
