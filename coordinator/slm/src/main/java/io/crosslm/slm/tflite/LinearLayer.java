package io.crosslm.slm.tflite;

import java.util.Random;
import java.util.function.ToIntFunction;

/**
 * A linear layer on the last dimension: x [.., I] to y [.., O] = x weight^T + bias. Confined to one
 * thread.
 */
final class LinearLayer {
    private final String weight;
    private final String bias;
    private final int inputs;
    private final int outputs;

    private LinearLayer(String weight, String bias, int inputs, int outputs) {
        this.weight = weight;
        this.bias = bias;
        this.inputs = inputs;
        this.outputs = outputs;
    }

    /**
     * A layer.
     *
     * @param weight name of the parameter [O, I]
     * @param bias name of the parameter [O]
     */
    static LinearLayer of(String weight, String bias, int inputs, int outputs) {
        return new LinearLayer(weight, bias, inputs, outputs);
    }

    /** A layer whose bias is 0 and stays so. */
    static LinearLayer withoutBias(String weight, int inputs, int outputs) {
        return new LinearLayer(weight, "", inputs, outputs);
    }

    /** Adds the parameters: random weights that keep the size of x about as it is, a bias of 0. */
    void declare(TrainedVariables variables, Random random) {
        declare(variables, FirstValues.gaussians(random, 1 / Math.sqrt(inputs), outputs, inputs));
    }

    /** Adds the parameters, all of them 0: a layer that adds nothing until it has learnt. */
    void declareZero(TrainedVariables variables) {
        declare(variables, FirstValues.constant(0, outputs, inputs));
    }

    private void declare(TrainedVariables variables, ToIntFunction<Subgraph> first) {
        variables.add(weight, first, outputs, inputs);
        if (!bias.isEmpty()) {
            variables.add(bias, outputs);
        }
    }

    /** The layer's result y. */
    int forward(GraphParameters parameters, int x) {
        Subgraph graph = parameters.graph();
        int product = graph.multiplyTransposedRight(x, parameters.value(weight));
        return bias.isEmpty() ? product : graph.add(Operator.ADD, product, parameters.value(bias));
    }

    /**
     * Appends the way back: d weight = d y^T x and d bias = sum of d y, over all rows.
     *
     * @param slope d y [.., O]
     * @return d x [.., I] = d y weight
     */
    int backward(int x, int slope, Gradients gradients) {
        Subgraph graph = gradients.graph();
        int flat = graph.reshape(slope, Subgraph.ANY, outputs);
        gradients.add(
                weight, graph.multiplyTransposedLeft(flat, graph.reshape(x, Subgraph.ANY, inputs)));
        if (!bias.isEmpty()) {
            gradients.add(bias, graph.sum(flat, 0));
        }
        return graph.multiply(slope, gradients.value(weight));
    }
}
