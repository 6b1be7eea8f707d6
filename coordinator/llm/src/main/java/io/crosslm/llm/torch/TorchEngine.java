package io.crosslm.llm.torch;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;

/** Starts DJL's PyTorch and prepares threads for it. */
final class TorchEngine {
    private static final String NAME = "PyTorch";

    private TorchEngine() {}

    /**
     * A manager of arrays on the device; the calling thread is prepared.
     *
     * @throws LanguageModelException if the native library does not load
     */
    static NDManager start(TorchSettings settings) {
        // Natives come with the application; DJL must not look for others on the net.
        if (System.getProperty("ai.djl.offline") == null) {
            System.setProperty("ai.djl.offline", "true");
        }
        try {
            Engine.getEngine(NAME);
            JniUtils.setNumThreads(threads(settings));
            prepareThread();
            return NDManager.newBaseManager(device(settings), NAME);
        } catch (RuntimeException | LinkageError e) {
            throw new LanguageModelException(
                    Code.ENGINE,
                    "PyTorch does not start: "
                            + e.getMessage()
                            + ". The natives of this platform must be on the class path, and"
                            + " PYTORCH_VERSION unset.",
                    e);
        }
    }

    /** How many threads one computation has. */
    static int threads(TorchSettings settings) {
        int threads = settings.threads();
        return threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
    }

    private static Device device(TorchSettings settings) {
        return settings.device().equals("cpu")
                ? Device.cpu()
                : Device.gpu(Integer.parseInt(settings.device().substring("cuda:".length())));
    }

    /** Grad mode and the graph optimiser are switches of each thread. */
    static void prepareThread() {
        JniUtils.setGradMode(false);
        // The optimiser recompiles the program for every new shape.
        JniUtils.setGraphExecutorOptimize(false);
    }
}
