package io.crosslm.edge.tflite.runtime;

import java.nio.file.Path;

/** A library that runs TensorFlow Lite models. Thread-safe. */
@FunctionalInterface
public interface RuntimeLibrary {
    /**
     * Opens a model.
     *
     * @param threads that compute at the same time
     * @throws io.crosslm.edge.model.ModelException if the library does not take the file
     */
    SignatureRuntime open(Path model, int threads);
}
