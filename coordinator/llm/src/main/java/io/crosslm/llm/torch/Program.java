package io.crosslm.llm.torch;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.pytorch.jni.ScriptCall;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The decoder's TorchScript, loaded. Confined to the model's thread. */
final class Program implements AutoCloseable {
    private static final String CLASS = "Decoder";
    private static final String RESOURCE = "decoder.py";

    private final PtSymbolBlock module;

    private Program(PtSymbolBlock module) {
        this.module = module;
    }

    static Program load(NDManager manager) {
        try (InputStream in = Program.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IOException("resource " + RESOURCE + " is missing");
            }
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            // By path: a module read from a stream does not load in a native image.
            Path file = Files.createTempFile("crosslm-decoder", ".pt");
            try {
                Files.write(file, ScriptArchive.of(CLASS, text));
                return new Program(
                        JniUtils.loadModule(
                                (PtNDManager) manager,
                                file,
                                false,
                                new String[0],
                                new String[0],
                                true));
            } finally {
                Files.delete(file);
            }
        } catch (IOException | EngineException e) {
            throw new LanguageModelException(
                    Code.ENGINE, "The model program cannot be loaded: " + e.getMessage(), e);
        }
    }

    /** Runs a method that returns a list of tensors; the manager owns them. */
    NDList list(NDManager results, String method, Object... arguments) {
        try {
            return ScriptCall.run(module, method, (PtNDManager) results, arguments);
        } catch (EngineException e) {
            throw new LanguageModelException(
                    Code.ENGINE,
                    method + " failed: " + lastPart(String.valueOf(e.getMessage())),
                    e);
        }
    }

    /** Runs a method that returns one tensor; the manager owns it. */
    NDArray tensor(NDManager results, String method, Object... arguments) {
        return list(results, method, arguments).singletonOrThrow();
    }

    /** libtorch puts its message after the script's call stack. */
    private static String lastPart(String message) {
        return message.length() <= 600 ? message : message.substring(message.length() - 600);
    }

    @Override
    public void close() {
        module.close();
    }
}
