package io.crosslm.slm.tflite;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * A light text model in which every word sees every other: an embedding for each id of a text and
 * for its place, a few blocks of self-attention and feed-forward layers, the mean over the text,
 * beside it the sum of the words' embeddings, and a linear head. All of it is trained, by an {@link
 * Optimiser}, inside the runtime's variables, with built-in operators alone.
 *
 * <p>Letters in the comments: B texts, N ids of a text, V rows of the embedding, P places, D the
 * size, F that of the hidden layer, H heads, L blocks, Y labels.
 *
 * <pre>
 *   x(n) [D]    = weight(n) embedding(id(n)) + position(min(n, P - 1))
 *   u(n) [D]    = norm(block_L( ... block_1(x))(n)), attending to places of weight above 0
 *   mean [D]    = sum over n of weight(n) u(n) / max(1, sum over n of weight(n))
 *   bag [D]     = sum over n of weight(n) embedding(id(n))
 *                 / max(1, sqrt(sum over n of weight(n)^2))
 *   logits [Y]  = head_weight [Y, 2 D] (mean, bag) + head_bias [Y]
 * </pre>
 *
 * <p>{@link TransformerBlock} has the formula of a block. Signatures are those of {@link
 * EmbeddingBagModel}, with these parameters in save and restore: embedding [V, D], position [P, D];
 * for block i from 0, each behind {@code layer<i>_}, attention_norm_weight and _bias [D],
 * attention_in_weight [3 D, D], attention_out_weight [D, D], feed_forward_norm_weight and _bias
 * [D], feed_forward_in_weight [F, D] and _bias [F], feed_forward_out_weight [D, F] and _bias [D];
 * norm_weight and norm_bias [D]; head_weight and head_bias. The same settings give the same bytes.
 */
public final class TransformerModel {
    /** Name of the embedding [V, D] in save and restore. */
    public static final String EMBEDDING = "embedding";

    /** Name of the places' embedding [P, D]. */
    public static final String POSITION = "position";

    /** Name of the head's matrix [Y, 2 D]. */
    public static final String HEAD_WEIGHT = LinearHead.WEIGHT;

    /** Name of the head's bias [Y]. */
    public static final String HEAD_BIAS = LinearHead.BIAS;

    private static final String DESCRIPTION = "CrossLM text transformer";
    private static final double DEVIATION = 0.05;

    /** The mean begins small beside the bag, which learns of fewer examples. */
    private static final float MEAN_GAIN = 0.1f;

    /** So far below every score that its softmax is 0. */
    private static final double MASKED = 1e9;

    private final Sizes sizes;
    private final EmbeddingTable table;
    private final EmbeddingTable positions;
    private final List<TransformerBlock> blocks;
    private final LayerNormalisation norm;

    private TransformerModel(Sizes sizes) {
        this.sizes = sizes;
        table = new EmbeddingTable(EMBEDDING, sizes.rows, sizes.embedding);
        positions = new EmbeddingTable(POSITION, sizes.positions, sizes.embedding);
        blocks =
                IntStream.range(0, sizes.layers)
                        .mapToObj(i -> new TransformerBlock("layer" + i, sizes))
                        .toList();
        norm = new LayerNormalisation("norm", sizes.embedding);
    }

    /**
     * Sizes of a model.
     *
     * @param rows V
     * @param positions P; ids behind have the last one
     * @param embedding D, a multiple of the heads
     * @param heads H
     * @param feedForward F
     * @param layers L
     */
    public record Sizes(
            int rows, int positions, int embedding, int heads, int feedForward, int layers) {
        public Sizes {
            if (rows < 2 || positions < 1 || embedding < 1 || feedForward < 1 || layers < 1) {
                throw new IllegalArgumentException(
                        "expected 2 rows and 1 of all else at least but they are "
                                + List.of(rows, positions, embedding, feedForward, layers));
            }
            if (heads < 1 || embedding % heads != 0) {
                throw new IllegalArgumentException(
                        "expected an embedding of a multiple of the heads but they are "
                                + embedding
                                + " and "
                                + heads);
            }
        }
    }

    /**
     * The .tflite file of a model.
     *
     * @param seed of embedding, blocks and head, which begin at random
     */
    public static byte[] write(Sizes sizes, int labelCount, long seed, Optimiser optimiser) {
        return classifier(sizes, labelCount, seed, optimiser).write(DESCRIPTION);
    }

    /**
     * The .tflite file of a model that was trained elsewhere, for scoring alone: signature score,
     * with the embeddings of ids and places as int8 numbers and one scale for each.
     *
     * @param numbers of each parameter, row-major; their counts say the sizes
     * @param heads H, which no count says
     * @throws IllegalArgumentException if numbers are missing, do not go together or are not finite
     */
    public static byte[] writeQuantised(Map<String, float[]> numbers, int heads) {
        int size = FixedParameters.numbers(numbers, "norm_weight").length;
        int layers = 0;
        while (numbers.containsKey("layer" + layers + "_attention_in_weight")) {
            layers++;
        }
        Sizes sizes =
                new Sizes(
                        FixedParameters.rows(numbers, EMBEDDING, size),
                        FixedParameters.rows(numbers, POSITION, size),
                        size,
                        heads,
                        FixedParameters.numbers(numbers, "layer0_feed_forward_in_bias").length,
                        layers);
        return classifier(sizes, LinearHead.labelCount(numbers), 0, Optimiser.ADAM_W)
                .writeQuantised(DESCRIPTION, numbers);
    }

    private static TextClassifier classifier(
            Sizes sizes, int labelCount, long seed, Optimiser optimiser) {
        Random random = new Random(seed);
        TransformerModel model = new TransformerModel(sizes);
        TrainedVariables variables = new TrainedVariables(optimiser);
        int size = sizes.embedding;
        variables.add(
                EMBEDDING,
                FirstValues.signedRows(random, DEVIATION, sizes.rows, size),
                sizes.rows,
                size);
        variables.add(POSITION, sizes.positions, size);
        model.blocks.forEach(block -> block.declare(variables, random));
        model.norm.declare(variables, MEAN_GAIN);
        return new TextClassifier(
                variables, model::forward, new LinearHead(variables, 2 * size, labelCount, random));
    }

    private TextBody.Pass forward(GraphParameters parameters, TextInputs texts) {
        return new Pass(parameters, texts);
    }

    /** From ids to mean and bag. */
    private final class Pass implements TextBody.Pass {
        private final TextInputs texts;
        private final int places;
        private final List<TransformerBlock.Pass> passed = new ArrayList<>();
        private final LayerNormalisation.Pass normed;
        private final TextPool mean;
        private final TextPool bag;
        private final int features;

        Pass(GraphParameters parameters, TextInputs texts) {
            this.texts = texts;
            Subgraph graph = parameters.graph();
            places = places(graph);
            int looked = table.forward(parameters, texts.ids()); // [B, N, D]
            int words = graph.add(Operator.MUL, looked, texts.columns());
            int x = graph.add(Operator.ADD, words, positions.forward(parameters, places));
            int mask = mask(graph);
            for (TransformerBlock block : blocks) {
                TransformerBlock.Pass pass = block.forward(parameters, x, mask);
                passed.add(pass);
                x = pass.result();
            }
            normed = norm.forward(parameters, x);
            mean = TextPool.mean(graph, texts, sizes.embedding);
            bag = TextPool.bag(graph, texts, sizes.embedding);
            features =
                    graph.concatenate(
                            1, mean.forward(normed.result()), bag.forward(looked)); // [B, 2 D]
        }

        /** min(n, P - 1) of each id, int32 [B, N]. */
        private int places(Subgraph graph) {
            int ones =
                    graph.addIntegers(
                            Operator.ADD,
                            graph.addIntegers(Operator.ZEROS_LIKE, texts.ids()),
                            graph.integers(1));
            return graph.addIntegers(
                    Operator.MINIMUM,
                    graph.sumBefore(ones, 1),
                    graph.integers(sizes.positions - 1));
        }

        /** [B, 1, N]: 0, or -{@value #MASKED} where there is no id. */
        private int mask(Subgraph graph) {
            int isThere = graph.indicator(Operator.GREATER, texts.weights(), graph.scalar(0));
            int mask =
                    graph.add(
                            Operator.MUL,
                            graph.add(Operator.SUB, isThere, graph.scalar(1)),
                            graph.scalar(MASKED));
            return graph.add(Operator.EXPAND_DIMS, mask, graph.integers(1));
        }

        @Override
        public int features() {
            return features;
        }

        @Override
        public void backward(int slope, Gradients gradients) {
            Subgraph graph = gradients.graph();
            int size = sizes.embedding;
            int xSlope =
                    normed.backward(
                            mean.backward(graph.columns(slope, 2, 0, size)),
                            gradients); // [B, N, D]
            for (int i = passed.size() - 1; i >= 0; i--) {
                xSlope = passed.get(i).backward(xSlope, gradients);
            }
            positions.backward(places, xSlope, gradients);
            int words = graph.add(Operator.MUL, xSlope, texts.columns());
            int bagSlope = bag.backward(graph.columns(slope, 2, size, size));
            table.backward(texts.ids(), graph.add(Operator.ADD, words, bagSlope), gradients);
        }
    }
}
