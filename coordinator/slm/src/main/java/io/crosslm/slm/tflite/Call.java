package io.crosslm.slm.tflite;

import com.google.flatbuffers.FlatBufferBuilder;
import java.util.function.ToIntFunction;

/** An operator at work on tensors of a {@link Subgraph}. */
final class Call {
    private final Operator operator;
    private final ToIntFunction<FlatBufferBuilder> options;
    private final int[] inputs;
    private final int[] outputs;

    Call(Operator operator, ToIntFunction<FlatBufferBuilder> options, int[] inputs, int[] outputs) {
        this.operator = operator;
        this.options = options;
        this.inputs = inputs.clone();
        this.outputs = outputs;
    }

    Operator operator() {
        return operator;
    }

    /** Writes the options' table and returns its offset. */
    int writeOptions(FlatBufferBuilder file) {
        return options.applyAsInt(file);
    }

    int[] inputs() {
        return inputs;
    }

    int[] outputs() {
        return outputs;
    }
}
