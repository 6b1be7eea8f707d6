package io.crosslm.llm.source;

import java.io.IOException;
import java.nio.file.Path;

/** A place that has a model file. */
public interface ModelSource {
    /** Names the place for people. */
    String description();

    /**
     * Writes the file. A part of it that an earlier attempt left at {@code target} may be used.
     *
     * @param target where to write; its folder exists
     * @param sizeBytes the file's expected size
     * @throws IOException if the place cannot be reached within seconds or does not have the file;
     *     the message says which
     */
    void fetch(Path target, long sizeBytes, FetchListener listener)
            throws IOException, InterruptedException;
}
