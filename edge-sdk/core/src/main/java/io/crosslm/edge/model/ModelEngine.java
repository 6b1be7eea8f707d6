package io.crosslm.edge.model;

import java.nio.file.Path;

/** Opens SLM packages; one per runtime. Thread-safe. */
public interface ModelEngine {
    /** Short name that announces the engine, for instance "onnx". */
    String name();

    /**
     * Opens an unpacked SLM package whose files were verified against the package's hash.
     *
     * @param packageDirectory holds manifest.json and the files it names; not written to
     * @throws ModelException if the package is not one that this engine can run
     */
    LocalModel open(Path packageDirectory);

    /**
     * The same engine, computing with at most so many threads (1 or more). One that has no such
     * choice returns itself.
     */
    default ModelEngine withThreads(int threads) {
        return this;
    }
}
