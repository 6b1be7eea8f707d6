package io.crosslm.edge.tflite;

import io.crosslm.edge.engine.PackageManifest;
import io.crosslm.edge.model.LocalModel;
import io.crosslm.edge.model.ModelEngine;
import io.crosslm.edge.model.ModelException;
import io.crosslm.edge.tflite.runtime.RuntimeLibrary;
import java.nio.file.Path;

/**
 * The SLM engine on TensorFlow Lite, for light models. The app brings the runtime. Thread-safe.
 *
 * <p>Any .tflite file runs that has the signatures of docs/ref-slm-package.md; one without train,
 * save and restore scores only.
 */
public final class TfliteEngine implements ModelEngine {
    /** Name of the engine in manifests and settings: {@value}. */
    public static final String NAME = "tflite";

    private final RuntimeLibrary library;
    private final int threads;

    /** For {@link java.util.ServiceLoader}; programs call {@link #engine()}. */
    public TfliteEngine() {
        this(new FoundLibrary(), 1);
    }

    private TfliteEngine(RuntimeLibrary library, int threads) {
        this.library = library;
        this.threads = threads;
    }

    /** An engine on the library that is on the class path, with one thread. */
    public static ModelEngine engine() {
        return new TfliteEngine();
    }

    /** An engine on a library, with one thread. */
    public static ModelEngine engine(RuntimeLibrary library) {
        return new TfliteEngine(library, 1);
    }

    /**
     * Whether the app has brought TensorFlow Lite for this machine: an Android app need not have it
     * for every kind of processor. It loads the native library.
     */
    public static boolean isAvailable() {
        return FoundLibrary.isLoadable();
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public ModelEngine withThreads(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1 but is " + threads);
        }
        return new TfliteEngine(library, threads);
    }

    @Override
    public LocalModel open(Path packageDirectory) {
        TfliteManifest manifest = new TfliteManifest(PackageManifest.read(packageDirectory, NAME));
        manifest.common().verifyFiles();
        try {
            return TfliteModel.open(library.open(manifest.model(), threads), manifest);
        } catch (LinkageError e) {
            throw new ModelException(
                    ModelException.Code.RUNTIME,
                    "TensorFlow Lite cannot be loaded; is its native library for this machine on"
                            + " the class path?",
                    e);
        }
    }
}
