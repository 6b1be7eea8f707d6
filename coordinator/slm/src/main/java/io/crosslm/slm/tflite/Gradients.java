package io.crosslm.slm.tflite;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Gradients of the loss by a model's parameters, gathered on the way back through its layers.
 * Parameters change when all gradients are there: layers in front read what those behind them have.
 * Confined to one thread.
 */
final class Gradients {
    private final GraphParameters parameters;
    private final Map<String, Integer> slopes = new LinkedHashMap<>();

    Gradients(GraphParameters parameters) {
        this.parameters = parameters;
    }

    /** The graph. */
    Subgraph graph() {
        return parameters.graph();
    }

    /** A parameter's value. */
    int value(String name) {
        return parameters.value(name);
    }

    /** Takes a parameter's gradient, of the parameter's dimensions. */
    void add(String name, int slope) {
        if (slopes.put(name, slope) != null) {
            throw new IllegalStateException("the gradient of " + name + " came twice");
        }
    }

    /** Appends a step on each parameter. */
    void apply(TrainedVariables.Step step) {
        slopes.forEach((name, slope) -> step.apply(name, parameters.value(name), slope));
    }
}
