package io.crosslm.edge.onnx;

import ai.onnxruntime.OrtEnvironment;
import io.crosslm.edge.engine.PackageManifest;
import io.crosslm.edge.model.LocalModel;
import io.crosslm.edge.model.ModelEngine;
import io.crosslm.edge.model.ModelException;
import java.nio.file.Path;

/**
 * The SLM engine on ONNX Runtime. The app brings the runtime: the JVM jar or the Android AAR.
 * Thread-safe.
 */
public final class OnnxEngine implements ModelEngine {
    /** Name of the engine in manifests and settings: {@value}. */
    public static final String NAME = "onnx";

    private final OnnxSettings settings;

    /** For {@link java.util.ServiceLoader}; programs call {@link #engine()}. */
    public OnnxEngine() {
        this(OnnxSettings.defaults());
    }

    private OnnxEngine(OnnxSettings settings) {
        this.settings = settings;
    }

    /** An engine with {@link OnnxSettings#defaults()}. */
    public static ModelEngine engine() {
        return engine(OnnxSettings.defaults());
    }

    /** An engine with these settings. */
    public static ModelEngine engine(OnnxSettings settings) {
        return new OnnxEngine(settings);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public ModelEngine withThreads(int threads) {
        return new OnnxEngine(settings.withThreads(threads));
    }

    @Override
    public LocalModel open(Path packageDirectory) {
        PackageManifest manifest = PackageManifest.read(packageDirectory, NAME);
        OnnxManifest own = new OnnxManifest(manifest);
        manifest.verifyFiles();
        try {
            return OnnxModel.open(OrtEnvironment.getEnvironment(), own, settings);
        } catch (LinkageError e) {
            throw new ModelException(
                    ModelException.Code.RUNTIME,
                    "ONNX Runtime cannot be loaded; is its native library for this machine on the"
                            + " class path?",
                    e);
        }
    }
}
