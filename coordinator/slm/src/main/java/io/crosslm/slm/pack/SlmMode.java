package io.crosslm.slm.pack;

import java.util.Locale;

/** What a device trains. */
public enum SlmMode {
    /** A linear head on the frozen encoder; embeddings are computed once per text. */
    HEAD,
    /** LoRA adapters of rank 8 on query and value of every layer, and the head. */
    LORA;

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
                "SLM mode " + word + " is not known; head or lora was expected");
    }
}
