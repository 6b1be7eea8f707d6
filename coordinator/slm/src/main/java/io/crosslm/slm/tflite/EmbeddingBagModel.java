package io.crosslm.slm.tflite;

import io.crosslm.slm.autodiff.AdamW;
import io.crosslm.slm.classifier.ClassificationLoss;
import java.util.Map;
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

    private static final String DESCRIPTION = "CrossLM embedding bag";

    private EmbeddingBagModel() {}

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
        return classifier(rows, size, labelCount, new Random(seed), optimiser).write(DESCRIPTION);
    }

    /**
     * The .tflite file of a model that was trained elsewhere, for scoring alone: signature score,
     * with the embedding as int8 numbers and one scale.
     *
     * @param numbers of each parameter, row-major; their counts say the sizes
     * @throws IllegalArgumentException if numbers are missing, do not go together or are not finite
     */
    public static byte[] writeQuantised(Map<String, float[]> numbers) {
        int labelCount = LinearHead.labelCount(numbers);
        int size = LinearHead.featureCount(numbers);
        int rows = FixedParameters.rows(numbers, EMBEDDING, size);
        return classifier(rows, size, labelCount, new Random(0), Optimiser.ADAM_W)
                .writeQuantised(DESCRIPTION, numbers);
    }

    private static TextClassifier classifier(
            int rows, int size, int labelCount, Random random, Optimiser optimiser) {
        TrainedVariables variables = new TrainedVariables(optimiser);
        variables.add(EMBEDDING, rows, size);
        return new TextClassifier(
                variables,
                (parameters, texts) ->
                        new Pass(new EmbeddingTable(EMBEDDING, rows, size), parameters, texts),
                new LinearHead(variables, size, labelCount, random));
    }

    /** From ids to the bag. */
    private static final class Pass implements TextBody.Pass {
        private final EmbeddingTable table;
        private final TextInputs texts;
        private final int bag;

        Pass(EmbeddingTable table, GraphParameters parameters, TextInputs texts) {
            this.table = table;
            this.texts = texts;
            Subgraph graph = parameters.graph();
            int looked = table.forward(parameters, texts.ids()); // [B, N, D]
            int summed = graph.multiplyTransposedLeft(texts.columns(), looked); // [B, 1, D]
            bag = graph.reshape(summed, Subgraph.ANY, table.size());
        }

        @Override
        public int features() {
            return bag;
        }

        @Override
        public void backward(int slope, Gradients gradients) {
            Subgraph graph = gradients.graph();
            int bagSlope = graph.reshape(slope, Subgraph.ANY, 1, table.size());
            int perId = graph.multiply(texts.columns(), bagSlope); // [B, N, 1] x [B, 1, D]
            table.backward(texts.ids(), perId, gradients);
        }
    }
}
