package io.crosslm.slm.tflite;

/** A model's parameters as one of its graphs reads them. Confined to one thread. */
interface GraphParameters {
    /** The graph. */
    Subgraph graph();

    /** A parameter's value, float32. */
    int value(String name);

    /** Rows of a parameter [V, D] at int32 indexes of any dimensions [..] to [.., D]. */
    int rows(String name, int indexes);
}
