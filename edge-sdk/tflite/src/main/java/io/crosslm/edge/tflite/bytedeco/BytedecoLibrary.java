package io.crosslm.edge.tflite.bytedeco;

import io.crosslm.edge.tflite.runtime.RuntimeLibrary;
import io.crosslm.edge.tflite.runtime.SignatureRuntime;
import java.nio.file.Path;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.tensorflowlite.global.tensorflowlite;

/**
 * TensorFlow Lite as org.bytedeco:tensorflow-lite brings it, for Linux and Android. Immutable and
 * thread-safe.
 */
public final class BytedecoLibrary implements RuntimeLibrary {
    @Override
    public SignatureRuntime open(Path model, int threads) {
        return BytedecoRuntime.open(model, threads);
    }

    /** Whether its native library can be loaded on this machine; it is from now on. */
    public static boolean isLoadable() {
        try {
            Loader.load(tensorflowlite.class);
            return true;
        } catch (LinkageError e) {
            return false;
        }
    }
}
