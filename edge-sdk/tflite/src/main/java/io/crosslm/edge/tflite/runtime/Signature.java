package io.crosslm.edge.tflite.runtime;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Inputs and outputs of a signature, in the model's order. Immutable. */
public final class Signature {
    /** A dimension that is chosen at each run: {@value}. */
    public static final int ANY = -1;

    private final Map<String, int[]> inputs = new LinkedHashMap<>();
    private final List<String> outputs;

    /**
     * A signature.
     *
     * @param inputs dimensions of each input, some of which may be {@link #ANY}
     */
    public Signature(Map<String, int[]> inputs, List<String> outputs) {
        inputs.forEach((name, dimensions) -> this.inputs.put(name, dimensions.clone()));
        this.outputs = Collections.unmodifiableList(new ArrayList<>(outputs));
    }

    /** Names of the inputs. */
    public List<String> inputs() {
        return new ArrayList<>(inputs.keySet());
    }

    /** Dimensions of an input, some of which may be {@link #ANY}; empty if there is no such. */
    public int[] dimensions(String input) {
        return inputs.getOrDefault(input, new int[0]).clone();
    }

    /** Names of the outputs. */
    public List<String> outputs() {
        return outputs;
    }
}
