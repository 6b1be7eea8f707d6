package io.crosslm.slm.tflite;

import io.crosslm.slm.autodiff.AdamW;
import io.crosslm.slm.classifier.ClassificationLoss;
import java.util.List;
import java.util.Random;

/**
 * A light text model: an embedding for each id of a text, their weighted sum, and a linear head.
 * All of it is trained, by an {@link Optimiser}, inside the runtime's variables.
 *
 * <p>Letters in the comments: B texts, N ids of a text, V rows of the embedding, D its size, Y
 * labels. logits [B, Y] = bag [B, D] x head_weight [Y, D]^T + head_bias [Y], bag = sum over the ids
 * of weight x embedding. Signatures, inputs to outputs:
 *
 * <ul>
 *   <li>score: ids int32 [B, N], weights [B, N] to probabilities [B, Y]
 *   <li>train: ids, weights, targets [B, Y], row_weights [B], and of one number each learning_rate,
 *       weight_decay, correction1, correction2, penalty to loss, one number
 *   <li>save: unused [1] to the three parameters
 *   <li>restore: the three parameters to done; the optimiser's moments become 0
 * </ul>
 *
 * <p>The loss is that of {@link ClassificationLoss}, the step of {@link Optimiser#ADAM_W} that of
 * {@link AdamW}. The same settings give the same bytes.
 */
public final class EmbeddingBagModel {
    /** Name of the embedding [V, D] in save and restore. */
    public static final String EMBEDDING = "embedding";

    /** Name of the head's matrix [Y, D]. */
    public static final String HEAD_WEIGHT = LinearHead.WEIGHT;

    /** Name of the head's bias [Y]. */
    public static final String HEAD_BIAS = LinearHead.BIAS;

    private static final String IDS = "ids";
    private static final String WEIGHTS = "weights";

    private final int rows;
    private final int size;
    private final TrainedVariables variables;
    private final LinearHead head;

    private EmbeddingBagModel(int rows, int size, int labelCount, long seed, Optimiser optimiser) {
        this.rows = rows;
        this.size = size;
        variables = new TrainedVariables(optimiser);
        variables.add(EMBEDDING, rows, size);
        head = new LinearHead(variables, size, labelCount, new Random(seed));
    }

    /** The .tflite file of a model with {@link Optimiser#ADAM_W}. */
    public static byte[] write(int rows, int size, int labelCount, long seed) {
        return write(rows, size, labelCount, seed, Optimiser.ADAM_W);
    }

    /**
     * The .tflite file of a model.
     *
     * @param rows V
     * @param size D
     * @param labelCount Y
     * @param seed of the head's matrix, whose rows are random and of length about 1. The embedding
     *     begins at 0, so that every label is equally likely, and a first step on it is one of
     *     logistic regression on the ids.
     */
    public static byte[] write(int rows, int size, int labelCount, long seed, Optimiser optimiser) {
        EmbeddingBagModel model = new EmbeddingBagModel(rows, size, labelCount, seed, optimiser);
        return TfliteFile.of(
                "CrossLM embedding bag",
                List.of(
                        model.variables.initial(),
                        model.score(),
                        model.train(),
                        model.variables.save(),
                        model.variables.restore()));
    }

    private Subgraph score() {
        Subgraph graph = variables.graph("score");
        graph.output("probabilities", graph.softmax(new Forward(graph).logits));
        return graph;
    }

    private Subgraph train() {
        Subgraph graph = variables.graph("train");
        Forward forward = new Forward(graph);
        LinearHead.Learning learning = forward.layer.learning(forward.bag, forward.logits);
        int headSlope = learning.weightSlope();
        int biasSlope = learning.biasSlope();
        int bagSlope = graph.reshape(learning.featureSlope(), -1, 1, size);
        int perId = graph.multiply(forward.columns, bagSlope); // [B, N, 1] x [B, 1, D]
        int embeddingSlope =
                graph.add(
                        Operator.SCATTER_ND,
                        graph.reshapeIntegers(forward.ids, Subgraph.ANY, 1),
                        graph.reshape(perId, Subgraph.ANY, size),
                        graph.integers(rows, size)); // [V, D]; what hits one row is summed

        learning.step().apply(EMBEDDING, forward.embedding, embeddingSlope);
        learning.apply(headSlope, biasSlope);
        return graph;
    }

    /** From ids to logits. */
    private final class Forward {
        private final int ids;
        private final int columns;
        private final int embedding;
        private final LinearHead.Layer layer;
        private final int bag;
        private final int logits;

        Forward(Subgraph graph) {
            ids = graph.input(IDS, TensorType.INT32, Subgraph.ANY, Subgraph.ANY);
            int weights = graph.input(WEIGHTS, TensorType.FLOAT32, Subgraph.ANY, Subgraph.ANY);
            embedding = variables.read(graph, EMBEDDING);
            layer = head.layer(graph);
            columns = graph.add(Operator.EXPAND_DIMS, weights, graph.integers(2)); // [B, N, 1]
            int looked = graph.add(Operator.GATHER, embedding, ids); // [B, N, D]
            int summed = graph.multiplyTransposedLeft(columns, looked); // [B, 1, D]
            bag = graph.reshape(summed, Subgraph.ANY, size);
            logits = layer.logits(bag);
        }
    }
}
