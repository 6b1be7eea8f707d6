package io.crosslm.slm.tflite;

/**
 * What a text's words come to: y [B, D] = sum over n of weight(n) x(n) / length. Confined to one
 * thread.
 */
final class TextPool {
    private final Subgraph graph;
    private final int columns;
    private final int size;
    private final int length;

    private TextPool(Subgraph graph, int columns, int size, int sum) {
        this.graph = graph;
        this.columns = columns;
        this.size = size;
        length = graph.add(Operator.MAXIMUM, sum, graph.scalar(1));
    }

    /** The mean over a text: its length is max(1, sum over n of weight(n)). */
    static TextPool mean(Subgraph graph, TextInputs texts, int size) {
        int sum = graph.sumKeeping(texts.columns(), 1); // [B, 1, 1]
        return new TextPool(graph, texts.columns(), size, sum);
    }

    /**
     * The bag of a text: its length is max(1, sqrt(sum over n of weight(n)^2)), so that a bag of
     * random rows is about as long as one of them.
     */
    static TextPool bag(Subgraph graph, TextInputs texts, int size) {
        int columns = texts.columns();
        int squares = graph.sumKeeping(graph.add(Operator.MUL, columns, columns), 1);
        return new TextPool(graph, columns, size, graph.add(Operator.SQRT, squares));
    }

    /** y [B, D] of x [B, N, D]. */
    int forward(int x) {
        int sum = graph.multiplyTransposedLeft(columns, x); // [B, 1, D]
        return graph.reshape(graph.add(Operator.DIV, sum, length), Subgraph.ANY, size);
    }

    /** From d y [B, D] to d x [B, N, D]. */
    int backward(int slope) {
        int shared = graph.add(Operator.DIV, graph.reshape(slope, Subgraph.ANY, 1, size), length);
        return graph.multiply(columns, shared); // [B, N, 1] x [B, 1, D]
    }
}
