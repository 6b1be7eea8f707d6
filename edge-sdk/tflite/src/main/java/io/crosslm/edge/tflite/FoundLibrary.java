package io.crosslm.edge.tflite;

import io.crosslm.edge.model.ModelException;
import io.crosslm.edge.tflite.bytedeco.BytedecoLibrary;
import io.crosslm.edge.tflite.runtime.RuntimeLibrary;
import io.crosslm.edge.tflite.runtime.SignatureRuntime;
import java.nio.file.Path;

/** The library that the app brought; looked for when a model is opened. Thread-safe. */
final class FoundLibrary implements RuntimeLibrary {
    private static final String BYTEDECO = "org.bytedeco.tensorflowlite.TfLiteInterpreter";

    @Override
    public SignatureRuntime open(Path model, int threads) {
        if (isThere(BYTEDECO)) {
            return new BytedecoLibrary().open(model, threads);
        }
        throw new ModelException(
                ModelException.Code.RUNTIME,
                "TensorFlow Lite is not on the class path; add org.bytedeco:tensorflow-lite, with"
                        + " the classifier of this machine");
    }

    /** Whether there is one that can be loaded. */
    static boolean isLoadable() {
        return isThere(BYTEDECO) && BytedecoLibrary.isLoadable();
    }

    private static boolean isThere(String name) {
        try {
            Class.forName(name, false, FoundLibrary.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }
}
