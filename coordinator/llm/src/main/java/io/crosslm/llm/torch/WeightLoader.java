package io.crosslm.llm.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.format.ModelConfiguration;
import io.crosslm.llm.format.ModelFiles;
import io.crosslm.llm.format.TensorFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Copies a model's weights into native memory, a few megabytes at a time. */
final class WeightLoader {
    private static final int SCRATCH_BYTES = 32 << 20;
    // PyTorch's number of the type.
    private static final long FLOAT64 = 7;

    private final Program program;
    private final NDManager manager;
    private final TensorFile tensors;
    private final TorchSettings settings;
    private ByteBuffer scratch =
            ByteBuffer.allocateDirect(SCRATCH_BYTES).order(ByteOrder.nativeOrder());

    private WeightLoader(
            Program program, NDManager manager, TensorFile tensors, TorchSettings settings) {
        this.program = program;
        this.manager = manager;
        this.tensors = tensors;
        this.settings = settings;
    }

    /** The program's list of weights. */
    static NDList load(
            Program program, NDManager manager, ModelFiles files, TorchSettings settings) {
        return new WeightLoader(program, manager, files.tensors(), settings)
                .load(files.configuration());
    }

    private NDList load(ModelConfiguration model) {
        NDList weights = new NDList();
        NDArray none = manager.create(new Shape(0));
        for (LayerNames.Weight weight : LayerNames.weights(model)) {
            weights.add(weight == LayerNames.Weight.NONE ? none : weight(weight));
        }
        weights.add(
                model.tiedEmbeddings()
                        ? weights.get(0)
                        : weight(
                                LayerNames.Weight.of(
                                        new LayerNames.Stored(
                                                "lm_head.weight",
                                                List.of(
                                                        (long) model.vocabularySize(),
                                                        (long) model.embeddingSize())))));
        float[] frequencies = new float[model.inverseFrequencies().size()];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = model.inverseFrequencies().get(i);
        }
        weights.add(manager.create(frequencies));
        weights.add(constants(model));
        return weights;
    }

    /** In main memory, as the program branches by them. */
    private NDArray constants(ModelConfiguration model) {
        ModelConfiguration.Attention attention = model.attention();
        double[] values = {
            model.normEpsilon(),
            attention.window(),
            attention.firstWindowedLayer(),
            attention.rotaryMagnitude()
        };
        NDArray target =
                program.tensor(manager, "room", new long[] {values.length}, FLOAT64, "cpu");
        try (NDManager step = manager.newSubManager()) {
            program.tensor(step, "fill", target, step.create(values), 0L);
        }
        return target;
    }

    private NDArray weight(LayerNames.Weight weight) {
        weight.parts().forEach(this::check);
        NDArray target =
                program.tensor(
                        manager,
                        "room",
                        weight.shape(),
                        settings.dataType().scalarType(),
                        settings.device());
        long at = 0;
        for (LayerNames.Stored part : weight.parts()) {
            copy(part, target, at);
            at += part.shape().get(0);
        }
        return target;
    }

    private void check(LayerNames.Stored part) {
        List<Long> shape = tensors.shape(part.name());
        if (!shape.equals(part.shape())) {
            throw new LanguageModelException(
                    Code.MALFORMED_FILE,
                    "tensor "
                            + part.name()
                            + " has shape "
                            + shape
                            + " where the model's configuration asks for "
                            + part.shape());
        }
    }

    /** Copies a stored tensor to the target's rows from `at` on. */
    private void copy(LayerNames.Stored part, NDArray target, long at) {
        List<Long> sizes = part.shape();
        // A vector is one row of the file but as many rows of the tensor as it has values.
        boolean vector = sizes.size() == 1;
        long rows = vector ? 1 : sizes.get(0);
        long rowLength = sizes.get(sizes.size() - 1);
        if (4 * rowLength > scratch.capacity()) {
            scratch =
                    ByteBuffer.allocateDirect(Math.toIntExact(4 * rowLength))
                            .order(ByteOrder.nativeOrder());
        }
        long rowsAtOnce = scratch.capacity() / (4 * rowLength);
        for (long row = 0; row < rows; row += rowsAtOnce) {
            ModelThread.checkInterrupt();
            int count = (int) Math.min(rowsAtOnce, rows - row);
            scratch.clear().limit(Math.toIntExact(4 * count * rowLength));
            tensors.readRows(part.name(), row, count, scratch.asFloatBuffer());
            Shape shape = vector ? new Shape(rowLength) : new Shape(count, rowLength);
            try (NDManager step = manager.newSubManager()) {
                NDArray chunk = step.create(scratch, shape, DataType.FLOAT32);
                program.tensor(step, "fill", target, chunk, at + row);
            }
        }
    }
}
