package io.crosslm.edge.tflite.bytedeco;

import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteInterpreterCreate;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteInterpreterDelete;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteInterpreterGetSignatureCount;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteInterpreterGetSignatureKey;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteInterpreterGetSignatureRunner;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteInterpreterOptionsCreate;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteInterpreterOptionsDelete;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteInterpreterOptionsSetNumThreads;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteModelCreateFromFile;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteModelDelete;

import io.crosslm.edge.model.ModelException;
import io.crosslm.edge.tflite.runtime.Signature;
import io.crosslm.edge.tflite.runtime.SignatureRuntime;
import io.crosslm.edge.tflite.runtime.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.tensorflowlite.TfLiteInterpreter;
import org.bytedeco.tensorflowlite.TfLiteInterpreterOptions;
import org.bytedeco.tensorflowlite.TfLiteModel;
import org.bytedeco.tensorflowlite.TfLiteSignatureRunner;
import org.jspecify.annotations.Nullable;

/** A model in the C API's interpreter. Confined to one thread at a time. */
final class BytedecoRuntime implements SignatureRuntime {
    private final TfLiteModel model;
    private final TfLiteInterpreter interpreter;
    private final Map<String, BytedecoSignature> runners = new LinkedHashMap<>();
    private final Map<String, Signature> signatures = new LinkedHashMap<>();

    private BytedecoRuntime(TfLiteModel model, TfLiteInterpreter interpreter) {
        this.model = model;
        this.interpreter = interpreter;
    }

    static BytedecoRuntime open(Path file, int threads) {
        TfLiteModel model = TfLiteModelCreateFromFile(file.toString());
        if (isNull(model)) {
            throw refused(file);
        }
        TfLiteInterpreterOptions options = TfLiteInterpreterOptionsCreate();
        TfLiteInterpreterOptionsSetNumThreads(options, threads);
        TfLiteInterpreter interpreter = TfLiteInterpreterCreate(model, options);
        TfLiteInterpreterOptionsDelete(options);
        if (isNull(interpreter)) {
            TfLiteModelDelete(model);
            throw refused(file);
        }
        BytedecoRuntime runtime = new BytedecoRuntime(model, interpreter);
        try {
            runtime.findSignatures();
            return runtime;
        } catch (RuntimeException e) {
            runtime.close();
            throw e;
        }
    }

    private void findSignatures() {
        int count = TfLiteInterpreterGetSignatureCount(interpreter);
        for (int i = 0; i < count; i++) {
            String name = TfLiteInterpreterGetSignatureKey(interpreter, i).getString();
            addRunner(name, TfLiteInterpreterGetSignatureRunner(interpreter, name));
        }
        if (count == 0) {
            // Without a name the interpreter makes a signature of the main graph's tensors.
            addRunner(
                    DEFAULT_SIGNATURE,
                    TfLiteInterpreterGetSignatureRunner(interpreter, (BytePointer) null));
        }
    }

    private void addRunner(String name, TfLiteSignatureRunner runner) {
        if (isNull(runner)) {
            throw new ModelException(
                    ModelException.Code.BAD_PACKAGE,
                    "TensorFlow Lite has no runner for the model's signature " + name);
        }
        BytedecoSignature signature = new BytedecoSignature(name, runner);
        runners.put(name, signature);
        signatures.put(name, signature.names());
    }

    @Override
    public Map<String, Signature> signatures() {
        return new LinkedHashMap<>(signatures);
    }

    @Override
    public Map<String, Tensor> run(
            String signature, Map<String, Tensor> inputs, List<String> outputs) {
        BytedecoSignature runner = runners.get(signature);
        if (runner == null) {
            throw new ModelException(
                    ModelException.Code.BAD_PACKAGE,
                    "the model has no signature " + signature + " but " + runners.keySet());
        }
        return runner.run(inputs, outputs);
    }

    @Override
    public void close() {
        runners.values().forEach(BytedecoSignature::close);
        TfLiteInterpreterDelete(interpreter);
        TfLiteModelDelete(model);
    }

    private static boolean isNull(org.bytedeco.javacpp.@Nullable Pointer pointer) {
        return pointer == null || pointer.isNull();
    }

    private static ModelException refused(Path file) {
        return new ModelException(
                ModelException.Code.BAD_PACKAGE,
                "TensorFlow Lite does not take "
                        + file.getFileName()
                        + "; a .tflite file of built-in operators was expected");
    }
}
