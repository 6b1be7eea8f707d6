package io.crosslm.slm.tflite;

/**
 * Layer normalisation of the last dimension (Ba, Kiros and Hinton 2016): n = (x - mean(x)) /
 * sqrt(var(x) + {@value #EPSILON}), y = weight n + bias. Confined to one thread.
 */
final class LayerNormalisation {
    private static final double EPSILON = 1e-5;

    private final String weight;
    private final String bias;
    private final int size;

    /**
     * A layer.
     *
     * @param name that the names of weight and bias begin with
     * @param size D
     */
    LayerNormalisation(String name, int size) {
        weight = name + "_weight";
        bias = name + "_bias";
        this.size = size;
    }

    /**
     * Adds the parameters.
     *
     * @param gain first value of each weight; a bias begins at 0
     */
    void declare(TrainedVariables variables, float gain) {
        variables.add(weight, FirstValues.constant(gain, size), size);
        variables.add(bias, size);
    }

    /** Appends the way through the layer, of x [B, N, D]. */
    Pass forward(GraphParameters parameters, int x) {
        return new Pass(parameters, x);
    }

    /** Values of a way through the layer. */
    final class Pass {
        private final int normal;
        private final int inverse;
        private final int result;

        private Pass(GraphParameters parameters, int x) {
            Subgraph graph = parameters.graph();
            int centred = graph.add(Operator.SUB, x, graph.meanKeeping(x, 2));
            int variance = graph.meanKeeping(graph.add(Operator.MUL, centred, centred), 2);
            inverse =
                    graph.add(
                            Operator.RSQRT,
                            graph.add(Operator.ADD, variance, graph.scalar(EPSILON))); // [B, N, 1]
            normal = graph.add(Operator.MUL, centred, inverse);
            result =
                    graph.add(
                            Operator.ADD,
                            graph.add(Operator.MUL, normal, parameters.value(weight)),
                            parameters.value(bias));
        }

        /** y [B, N, D]. */
        int result() {
            return result;
        }

        /**
         * Appends the way back: d weight = sum of d y n, d bias = sum of d y over all rows, and
         * with d n = weight d y, d x = (d n - mean(d n) - n mean(n d n)) / sqrt(var(x) + epsilon).
         *
         * @param slope d y [B, N, D]
         * @return d x [B, N, D]
         */
        int backward(int slope, Gradients gradients) {
            Subgraph graph = gradients.graph();
            gradients.add(weight, graph.sum(graph.add(Operator.MUL, slope, normal), 0, 1));
            gradients.add(bias, graph.sum(slope, 0, 1));
            int normalSlope = graph.add(Operator.MUL, slope, gradients.value(weight));
            int along =
                    graph.meanKeeping(graph.add(Operator.MUL, normal, normalSlope), 2); // [B, N, 1]
            int centred = graph.add(Operator.SUB, normalSlope, graph.meanKeeping(normalSlope, 2));
            int across = graph.add(Operator.SUB, centred, graph.add(Operator.MUL, normal, along));
            return graph.add(Operator.MUL, across, inverse);
        }
    }
}
