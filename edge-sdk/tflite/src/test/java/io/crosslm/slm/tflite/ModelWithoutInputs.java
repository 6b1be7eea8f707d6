package io.crosslm.slm.tflite;

import java.util.List;

/** A model whose signature takes nothing, as users' may; it lies here to reach the writer. */
public final class ModelWithoutInputs {
    private ModelWithoutInputs() {}

    /** The file; signature save puts out zeros [2] as "bias". */
    public static byte[] write() {
        TrainedVariables variables = new TrainedVariables(Optimiser.ADAM_W);
        variables.add("bias", 2);
        Subgraph save = variables.graph("save");
        save.output("bias", save.read(save.variable("bias"), 2));
        return TfliteFile.of("without inputs", List.of(variables.initial(), save));
    }
}
