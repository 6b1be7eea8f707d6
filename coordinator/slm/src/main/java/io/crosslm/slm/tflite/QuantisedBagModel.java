package io.crosslm.slm.tflite;

import java.util.List;

/**
 * An embedding bag that was trained elsewhere, for scoring alone: {@link EmbeddingBagModel}'s
 * formula and its signature score, with the embedding as int8 numbers and one scale. A quarter of
 * the memory; a number is off by half a scale at most.
 */
public final class QuantisedBagModel {
    private static final int LARGEST = 127;

    private QuantisedBagModel() {}

    /**
     * The .tflite file.
     *
     * @param embedding [V, D], row-major
     * @param headWeight [Y, D]
     * @param headBias [Y]
     * @throws IllegalArgumentException if the sizes do not go together, or a number is not finite
     */
    public static byte[] write(float[] embedding, float[] headWeight, float[] headBias) {
        int labels = headBias.length;
        if (labels < 2 || headWeight.length == 0 || headWeight.length % labels != 0) {
            throw new IllegalArgumentException(
                    "expected a head of 2 or more labels but its matrix has "
                            + headWeight.length
                            + " numbers and its bias "
                            + labels);
        }
        int size = headWeight.length / labels;
        if (embedding.length == 0 || embedding.length % size != 0) {
            throw new IllegalArgumentException(
                    "expected an embedding of rows of "
                            + size
                            + " numbers, as the head has, but it has "
                            + embedding.length);
        }
        float largest = 0;
        for (float[] numbers : List.of(embedding, headWeight, headBias)) {
            for (float number : numbers) {
                if (!Float.isFinite(number)) {
                    throw new IllegalArgumentException("a number of the model is not finite");
                }
            }
        }
        for (float number : embedding) {
            largest = Math.max(largest, Math.abs(number));
        }
        float scale = largest == 0 ? 1 : largest / LARGEST;
        byte[] quantised = new byte[embedding.length];
        for (int i = 0; i < quantised.length; i++) {
            quantised[i] = (byte) Math.round(embedding[i] / scale);
        }
        Subgraph graph = new Subgraph("score");
        int ids = graph.input("ids", TensorType.INT32, Subgraph.ANY, Subgraph.ANY);
        int weights = graph.input("weights", TensorType.FLOAT32, Subgraph.ANY, Subgraph.ANY);
        int columns = graph.add(Operator.EXPAND_DIMS, weights, graph.integers(2)); // [B, N, 1]
        int looked =
                graph.quantisedRows(
                        new int[] {embedding.length / size, size},
                        quantised,
                        scale,
                        ids); // [B, N, D]
        int summed = graph.multiplyTransposedLeft(columns, looked); // [B, 1, D]
        int bag = graph.reshape(summed, Subgraph.ANY, size);
        int head = graph.floats(new int[] {labels, size}, headWeight);
        int logits =
                graph.add(
                        Operator.ADD,
                        graph.multiplyTransposedRight(bag, head),
                        graph.floats(new int[] {labels}, headBias));
        graph.output("probabilities", graph.softmax(logits));
        return TfliteFile.of("CrossLM embedding bag, int8, scores only", List.of(graph));
    }
}
