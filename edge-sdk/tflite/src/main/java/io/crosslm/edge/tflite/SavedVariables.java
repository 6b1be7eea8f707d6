package io.crosslm.edge.tflite;

import io.crosslm.edge.engine.Parameters;
import io.crosslm.edge.model.ModelException;
import io.crosslm.edge.tflite.runtime.Signature;
import io.crosslm.edge.tflite.runtime.SignatureRuntime;
import io.crosslm.edge.tflite.runtime.Tensor;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Variables that one signature of a model puts out and another takes back. Confined to the model's
 * thread.
 */
final class SavedVariables {
    private final SignatureRuntime runtime;
    private final String save;
    private final String restore;
    private final List<String> inputs;
    private final List<String> names;

    /** The variables of two signatures that the model has. */
    SavedVariables(SignatureRuntime runtime, String save, String restore) {
        this.runtime = runtime;
        this.save = save;
        this.restore = restore;
        Signature saving = TrainSignatures.known(runtime, save);
        inputs = saving.inputs();
        names = saving.outputs();
        List<String> restored = TrainSignatures.known(runtime, restore).inputs();
        if (restored.size() != names.size() || !restored.containsAll(names)) {
            throw bad(
                    "signature "
                            + restore
                            + " has the inputs "
                            + restored
                            + " where those that "
                            + save
                            + " puts out were expected: "
                            + names);
        }
    }

    List<String> names() {
        return names;
    }

    /** Copies of the values of the moment. */
    Parameters save() {
        Map<String, Tensor> unused = new LinkedHashMap<>();
        for (String input : inputs) {
            unused.put(input, Tensor.floats(new float[1], 1));
        }
        Map<String, long[]> shapes = new LinkedHashMap<>();
        Map<String, float[]> values = new LinkedHashMap<>();
        runtime.run(save, unused, names)
                .forEach(
                        (name, tensor) -> {
                            int[] dimensions = tensor.dimensions();
                            shapes.put(name, Arrays.stream(dimensions).asLongStream().toArray());
                            values.put(name, tensor.floats());
                        });
        return new Parameters(shapes, values);
    }

    /** Gives the variables values. */
    void restore(Parameters values) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (String name : values.names()) {
            int[] dimensions =
                    Arrays.stream(values.shape(name)).mapToInt(Math::toIntExact).toArray();
            tensors.put(name, Tensor.floats(values.values(name), dimensions));
        }
        runtime.run(restore, tensors, Collections.emptyList());
    }

    private static ModelException bad(String message) {
        return new ModelException(ModelException.Code.BAD_PACKAGE, message);
    }
}
