package io.crosslm.coordinator.sample;

import java.util.List;

/** Turns texts into vectors whose directions say what they are about. Thread-safe. */
public interface TextEmbedder {
    /**
     * Embeds texts.
     *
     * @return one vector of length 1 per text
     */
    float[][] embed(List<String> texts);
}
