package io.crosslm.edge.tflite.bytedeco;

import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteSignatureRunnerAllocateTensors;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteSignatureRunnerDelete;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteSignatureRunnerGetInputCount;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteSignatureRunnerGetInputName;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteSignatureRunnerGetInputTensor;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteSignatureRunnerGetOutputCount;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteSignatureRunnerGetOutputName;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteSignatureRunnerGetOutputTensor;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteSignatureRunnerInvoke;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteSignatureRunnerResizeInputTensor;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteTensorByteSize;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteTensorCopyFromBuffer;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteTensorData;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteTensorDim;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteTensorGetDimsSignature;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteTensorNumDims;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteTensorType;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.kTfLiteFloat32;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.kTfLiteInt32;

import io.crosslm.edge.model.ModelException;
import io.crosslm.edge.tflite.runtime.Signature;
import io.crosslm.edge.tflite.runtime.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.tensorflowlite.TfLiteIntArray;
import org.bytedeco.tensorflowlite.TfLiteSignatureRunner;
import org.bytedeco.tensorflowlite.TfLiteTensor;
import org.jspecify.annotations.Nullable;

/** A signature and its runner, which keeps the dimensions that it was last run with. */
final class BytedecoSignature implements AutoCloseable {
    private static final int OK = 0;
    private static final int ELEMENT_BYTES = 4;

    private final String name;
    private final TfLiteSignatureRunner runner;
    private final Signature names;
    private final Map<String, int[]> dimensions = new HashMap<>();
    private boolean allocated;

    BytedecoSignature(String name, TfLiteSignatureRunner runner) {
        this.name = name;
        this.runner = runner;
        Map<String, int[]> inputs = new LinkedHashMap<>();
        for (int i = 0; i < TfLiteSignatureRunnerGetInputCount(runner); i++) {
            String input = TfLiteSignatureRunnerGetInputName(runner, i).getString();
            inputs.put(input, size(TfLiteSignatureRunnerGetInputTensor(runner, input)));
        }
        List<String> outputs = new ArrayList<>();
        for (int i = 0; i < TfLiteSignatureRunnerGetOutputCount(runner); i++) {
            outputs.add(TfLiteSignatureRunnerGetOutputName(runner, i).getString());
        }
        names = new Signature(inputs, outputs);
    }

    private static int[] size(TfLiteTensor tensor) {
        TfLiteIntArray signature = TfLiteTensorGetDimsSignature(tensor);
        int[] size = new int[TfLiteTensorNumDims(tensor)];
        boolean known = !isNull(signature) && signature.size() == size.length;
        for (int i = 0; i < size.length; i++) {
            size[i] = known ? signature.data(i) : TfLiteTensorDim(tensor, i);
        }
        return size;
    }

    Signature names() {
        return names;
    }

    Map<String, Tensor> run(Map<String, Tensor> inputs, List<String> outputs) {
        resize(inputs);
        inputs.forEach(this::copyIn);
        if (TfLiteSignatureRunnerInvoke(runner) != OK) {
            throw runtime("failed at signature " + name);
        }
        Map<String, Tensor> results = new LinkedHashMap<>();
        for (String output : outputs) {
            results.put(
                    output, copyOut(output, TfLiteSignatureRunnerGetOutputTensor(runner, output)));
        }
        return results;
    }

    private void resize(Map<String, Tensor> inputs) {
        // A signature without inputs has no dimensions that could change.
        boolean changed = !allocated;
        for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
            int[] wanted = input.getValue().dimensions();
            if (!Arrays.equals(wanted, dimensions.get(input.getKey()))) {
                dimensions.remove(input.getKey());
                if (TfLiteSignatureRunnerResizeInputTensor(
                                runner, input.getKey(), wanted, wanted.length)
                        != OK) {
                    throw misfit(input.getKey(), wanted);
                }
                changed = true;
                dimensions.put(input.getKey(), wanted);
            }
        }
        allocated = !changed || TfLiteSignatureRunnerAllocateTensors(runner) == OK;
        if (!allocated) {
            dimensions.clear();
            throw runtime("found no memory or no sense in the inputs of signature " + name);
        }
    }

    private void copyIn(String input, Tensor value) {
        TfLiteTensor tensor = TfLiteSignatureRunnerGetInputTensor(runner, input);
        if (isNull(tensor)) {
            throw misfit(input, value.dimensions());
        }
        boolean integer = value.isInteger();
        int expected = integer ? kTfLiteInt32 : kTfLiteFloat32;
        int count = integer ? value.integers().length : value.floats().length;
        try (Pointer numbers =
                integer ? new IntPointer(value.integers()) : new FloatPointer(value.floats())) {
            long bytes = (long) ELEMENT_BYTES * count;
            if (TfLiteTensorType(tensor) != expected
                    || TfLiteTensorCopyFromBuffer(tensor, numbers, bytes) != OK) {
                throw misfit(input, value.dimensions());
            }
        }
    }

    private Tensor copyOut(String output, @Nullable TfLiteTensor tensor) {
        if (tensor == null || tensor.isNull() || TfLiteTensorType(tensor) != kTfLiteFloat32) {
            throw new ModelException(
                    ModelException.Code.BAD_PACKAGE,
                    "signature "
                            + name
                            + " has the outputs "
                            + names.outputs()
                            + " where float32 "
                            + output
                            + " was expected");
        }
        float[] values = new float[(int) (TfLiteTensorByteSize(tensor) / ELEMENT_BYTES)];
        if (values.length > 0) {
            new FloatPointer(TfLiteTensorData(tensor)).get(values);
        }
        int[] size = new int[TfLiteTensorNumDims(tensor)];
        for (int i = 0; i < size.length; i++) {
            size[i] = TfLiteTensorDim(tensor, i);
        }
        return Tensor.floats(values, size);
    }

    @Override
    public void close() {
        TfLiteSignatureRunnerDelete(runner);
    }

    private static boolean isNull(@Nullable Pointer pointer) {
        return pointer == null || pointer.isNull();
    }

    private ModelException misfit(String input, int[] wanted) {
        return new ModelException(
                ModelException.Code.BAD_PACKAGE,
                "signature "
                        + name
                        + " with the inputs "
                        + names.inputs()
                        + " does not take "
                        + input
                        + " of dimensions "
                        + Arrays.toString(wanted));
    }

    private static ModelException runtime(String what) {
        return new ModelException(ModelException.Code.RUNTIME, "TensorFlow Lite " + what);
    }
}
