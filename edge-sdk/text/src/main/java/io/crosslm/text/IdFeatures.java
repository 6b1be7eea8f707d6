package io.crosslm.text;

/** Turns texts into ids for an embedding bag. Implementations are immutable and thread-safe. */
public interface IdFeatures {
    /** The ids of a text; at most {@link #maxIds}. */
    IdBag bag(String text);

    /** The most ids of a text. */
    int maxIds();
}
