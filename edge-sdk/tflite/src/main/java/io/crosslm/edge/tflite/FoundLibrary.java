package io.crosslm.edge.tflite;

import io.crosslm.edge.model.ModelException;
import io.crosslm.edge.tflite.jvm.JvmLibrary;
import io.crosslm.edge.tflite.runtime.RuntimeLibrary;
import io.crosslm.edge.tflite.runtime.SignatureRuntime;
import java.nio.file.Path;

/** The library that the app brought; looked for when a model is opened. Thread-safe. */
final class FoundLibrary implements RuntimeLibrary {
    private static final String JVM_CLASS = "org.bytedeco.tensorflowlite.TfLiteInterpreter";

    @Override
    public SignatureRuntime open(Path model, int threads) {
        if (isThere(JVM_CLASS)) {
            return new JvmLibrary().open(model, threads);
        }
        throw new ModelException(
                ModelException.Code.RUNTIME,
                "TensorFlow Lite is not on the class path; add org.bytedeco:tensorflow-lite, with"
                        + " the classifier of this machine");
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
