package io.crosslm.slm.tflite;

import java.util.Map;
import java.util.Random;
import java.util.function.ToIntFunction;

/**
 * A light text model that sees the order of words: an embedding for each id of a text, filters over
 * three neighbouring ids, the largest value of each filter in the text, beside them the embeddings'
 * sum, and a linear head (after Kim 2014, "Convolutional Neural Networks for Sentence
 * Classification", which has no sum). All of it is trained, by an {@link Optimiser}, inside the
 * runtime's variables, with built-in operators alone.
 *
 * <p>Letters in the comments: B texts, N ids of a text, V rows of the embedding, D its size, F
 * filters, Y labels. With x(n) = weight(n) x embedding(id(n)), 0 outside the text:
 *
 * <pre>
 *   h(n) [F]    = filter [F, 3 D] (x(n - 1), x(n), x(n + 1)) + filter_bias [F]
 *   c(n) [F]    = weight(n) x max(0, h(n))
 *   pool [F]    = max over n of c(n)
 *   bag [D]     = sum over n of x(n) / sqrt(max(1, sum over n of weight(n)^2))
 *   logits [Y]  = head_weight [Y, F + D] (pool, bag) + head_bias [Y]
 * </pre>
 *
 * <p>Where several places share a filter's largest value, as those of a repeated phrase do, its
 * gradient is divided among them. Signatures are those of {@link EmbeddingBagModel}, with the five
 * parameters in save and restore. The same settings give the same bytes.
 */
public final class ConvolutionModel {
    /** Name of the embedding [V, D] in save and restore. */
    public static final String EMBEDDING = "embedding";

    /** Name of the filters [F, 3 D]: before, at and behind a place. */
    public static final String FILTER = "filter";

    /** Name of the filters' bias [F]. */
    public static final String FILTER_BIAS = "filter_bias";

    /** Name of the head's matrix [Y, F + D]. */
    public static final String HEAD_WEIGHT = LinearHead.WEIGHT;

    /** Name of the head's bias [Y]. */
    public static final String HEAD_BIAS = LinearHead.BIAS;

    private static final String DESCRIPTION = "CrossLM text convolution";
    private static final int WIDTH = 3;
    private static final double DEVIATION = 0.25;

    private final int size;
    private final int filters;
    private final EmbeddingTable table;
    private final LinearLayer filter;

    private ConvolutionModel(Sizes sizes) {
        size = sizes.embedding;
        filters = sizes.filters;
        table = new EmbeddingTable(EMBEDDING, sizes.rows, size);
        filter = LinearLayer.of(FILTER, FILTER_BIAS, WIDTH * size, filters);
    }

    /**
     * Sizes of a model.
     *
     * @param rows V
     * @param embedding D
     * @param filters F
     */
    public record Sizes(int rows, int embedding, int filters) {
        public Sizes {
            if (rows < 2 || embedding < 1 || filters < 1) {
                throw new IllegalArgumentException(
                        "expected 2 rows, an embedding and a filter of 1 at least but they are "
                                + rows
                                + ", "
                                + embedding
                                + " and "
                                + filters);
            }
        }
    }

    /**
     * The .tflite file of a model.
     *
     * @param seed of embedding, filters and head, which begin at random
     */
    public static byte[] write(Sizes sizes, int labelCount, long seed, Optimiser optimiser) {
        return classifier(sizes, labelCount, seed, optimiser).write(DESCRIPTION);
    }

    /**
     * The .tflite file of a model that was trained elsewhere, for scoring alone: signature score,
     * with the embedding as int8 numbers and one scale.
     *
     * @param numbers of each parameter, row-major; their counts say the sizes
     * @throws IllegalArgumentException if numbers are missing, do not go together or are not finite
     */
    public static byte[] writeQuantised(Map<String, float[]> numbers) {
        int filters = FixedParameters.numbers(numbers, FILTER_BIAS).length;
        int size = LinearHead.featureCount(numbers) - filters;
        Sizes sizes = new Sizes(FixedParameters.rows(numbers, EMBEDDING, size), size, filters);
        return classifier(sizes, LinearHead.labelCount(numbers), 0, Optimiser.ADAM_W)
                .writeQuantised(DESCRIPTION, numbers);
    }

    private static TextClassifier classifier(
            Sizes sizes, int labelCount, long seed, Optimiser optimiser) {
        Random random = new Random(seed);
        TrainedVariables variables = new TrainedVariables(optimiser);
        int size = sizes.embedding;
        ToIntFunction<Subgraph> first = FirstValues.signedRows(random, DEVIATION, sizes.rows, size);
        variables.add(EMBEDDING, first, sizes.rows, size);
        ConvolutionModel model = new ConvolutionModel(sizes);
        model.filter.declare(variables, random);
        return new TextClassifier(
                variables,
                model::forward,
                new LinearHead(variables, sizes.filters + size, labelCount, random));
    }

    private TextBody.Pass forward(GraphParameters parameters, TextInputs texts) {
        return new Pass(parameters, texts);
    }

    /** From ids to pool and bag. */
    private final class Pass implements TextBody.Pass {
        private final Subgraph graph;
        private final TextInputs texts;
        private final int windows;
        private final int values;
        private final int largest;
        private final TextPool bag;
        private final int features;

        Pass(GraphParameters parameters, TextInputs texts) {
            graph = parameters.graph();
            this.texts = texts;
            int columns = texts.columns(); // [B, N, 1]
            int looked = table.forward(parameters, texts.ids()); // [B, N, D]
            int x = graph.add(Operator.MUL, looked, columns);
            windows = graph.concatenate(2, before(x), x, behind(x)); // [B, N, 3 D]
            int h = filter.forward(parameters, windows); // [B, N, F]
            values = graph.add(Operator.MUL, graph.add(Operator.RELU, h), columns);
            largest = graph.maximumKeeping(values, 1); // [B, 1, F]
            bag = TextPool.bag(graph, texts, size);
            features =
                    graph.concatenate(
                            1,
                            graph.reshape(largest, Subgraph.ANY, filters),
                            bag.forward(looked)); // [B, F + D]
        }

        @Override
        public int features() {
            return features;
        }

        @Override
        public void backward(int slope, Gradients gradients) {
            int active = slope(graph.columns(slope, 2, 0, filters)); // d h [B, N, F]
            int windowSlope = filter.backward(windows, active, gradients); // [B, N, 3 D]
            // What was shifted one way goes back the other way.
            int before = behind(graph.columns(windowSlope, 3, 0, size));
            int at = graph.columns(windowSlope, 3, size, size);
            int behind = before(graph.columns(windowSlope, 3, 2 * size, size));
            int xSlope = graph.add(Operator.ADD, graph.add(Operator.ADD, before, at), behind);
            int bagSlope = bag.backward(graph.columns(slope, 2, filters, size));
            int weighted = graph.add(Operator.MUL, xSlope, texts.columns());
            table.backward(texts.ids(), graph.add(Operator.ADD, weighted, bagSlope), gradients);
        }

        /** Each row is what was the one before it. */
        int before(int tensor) {
            return graph.innerRows(graph.padRows(tensor), 0, 2);
        }

        /** Each row is what was the one behind it. */
        int behind(int tensor) {
            return graph.innerRows(graph.padRows(tensor), 2, 0);
        }

        /** From d loss / d pool [B, F] to d loss / d h [B, N, F]. */
        int slope(int poolSlope) {
            int chosen =
                    graph.add(
                            Operator.MUL,
                            graph.indicator(Operator.EQUAL, values, largest),
                            graph.indicator(Operator.GREATER, values, graph.scalar(0)));
            int sharing = graph.add(Operator.MAXIMUM, graph.sumKeeping(chosen, 1), graph.scalar(1));
            int share =
                    graph.add(
                            Operator.DIV,
                            graph.reshape(poolSlope, Subgraph.ANY, 1, filters),
                            sharing);
            int valueSlope = graph.add(Operator.MUL, chosen, share);
            return graph.add(Operator.MUL, valueSlope, texts.columns());
        }
    }
}
