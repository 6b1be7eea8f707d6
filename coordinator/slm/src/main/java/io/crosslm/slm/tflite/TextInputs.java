package io.crosslm.slm.tflite;

/**
 * Texts, as a graph takes them.
 *
 * @param ids int32 [B, N]
 * @param weights [B, N], 0 where a text has no id
 * @param columns the weights as [B, N, 1]
 */
record TextInputs(int ids, int weights, int columns) {
    /** Adds the inputs to a graph. */
    static TextInputs of(Subgraph graph) {
        int ids = graph.input("ids", TensorType.INT32, Subgraph.ANY, Subgraph.ANY);
        int weights = graph.input("weights", TensorType.FLOAT32, Subgraph.ANY, Subgraph.ANY);
        int columns = graph.add(Operator.EXPAND_DIMS, weights, graph.integers(2));
        return new TextInputs(ids, weights, columns);
    }
}
