package io.crosslm.coordinator.ops;

import io.quarkus.runtime.ImageMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where the native binary finds the libraries that the jars carry otherwise: in folders beside it.
 * What the operator has set stays.
 */
final class BundledLibraries {
    private static final String TORCH = "PYTORCH_LIBRARY_PATH";
    private static final String SQLITE = "org.sqlite.lib.path";
    private static final String ONNX_RUNTIME = "onnxruntime.native.path";

    private BundledLibraries() {}

    /** Names the folders to the engines; does nothing on a JVM. */
    static void announce() {
        if (ImageMode.current() != ImageMode.NATIVE_RUN) {
            return;
        }
        Optional<Path> folder =
                ProcessHandle.current().info().command().map(Path::of).map(Path::getParent);
        folder.ifPresent(
                beside -> {
                    if (System.getenv(TORCH) == null) {
                        name(TORCH, beside.resolve("torch"));
                    }
                    name(SQLITE, beside.resolve("sqlite"));
                    name(ONNX_RUNTIME, beside.resolve("onnxruntime"));
                });
    }

    private static void name(String property, Path folder) {
        if (System.getProperty(property) == null && Files.isDirectory(folder)) {
            System.setProperty(property, folder.toString());
        }
    }
}
