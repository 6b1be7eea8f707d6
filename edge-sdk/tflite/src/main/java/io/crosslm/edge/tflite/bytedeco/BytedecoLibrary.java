package io.crosslm.edge.tflite.jvm;

import io.crosslm.edge.tflite.runtime.RuntimeLibrary;
import io.crosslm.edge.tflite.runtime.SignatureRuntime;
import java.nio.file.Path;

/** TensorFlow Lite as org.bytedeco:tensorflow-lite brings it. Immutable and thread-safe. */
public final class JvmLibrary implements RuntimeLibrary {
    @Override
    public SignatureRuntime open(Path model, int threads) {
        return JvmRuntime.open(model, threads);
    }
}
