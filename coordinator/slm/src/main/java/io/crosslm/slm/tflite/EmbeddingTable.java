package io.crosslm.slm.tflite;

/**
 * A layer that looks rows up: ids of any dimensions [..] to rows [.., D] of a parameter [V, D]. Its
 * gradient is scattered back; what hits one row is summed.
 *
 * @param name of the parameter
 * @param rows V
 * @param size D
 */
record EmbeddingTable(String name, int rows, int size) {
    /** Rows of ids. */
    int forward(GraphParameters parameters, int ids) {
        return parameters.rows(name, ids);
    }

    /**
     * Appends the way back.
     *
     * @param slope of the loss by the rows [.., D]
     */
    void backward(int ids, int slope, Gradients gradients) {
        Subgraph graph = gradients.graph();
        gradients.add(
                name,
                graph.add(
                        Operator.SCATTER_ND,
                        graph.reshapeIntegers(ids, Subgraph.ANY, 1),
                        graph.reshape(slope, Subgraph.ANY, size),
                        graph.integers(rows, size)));
    }
}
