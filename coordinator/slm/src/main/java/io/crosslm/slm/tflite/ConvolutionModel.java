package io.crosslm.slm.tflite;

import java.util.List;
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

    private static final int WIDTH = 3;
    private static final double DEVIATION = 0.25;
    private static final String IDS = "ids";
    private static final String WEIGHTS = "weights";

    private final int rows;
    private final int size;
    private final int filters;
    private final TrainedVariables variables;
    private final LinearHead head;

    private ConvolutionModel(Sizes sizes, int labelCount, long seed, Optimiser optimiser) {
        rows = sizes.rows;
        size = sizes.embedding;
        filters = sizes.filters;
        variables = new TrainedVariables(optimiser);
        Random random = new Random(seed);
        variables.add(EMBEDDING, embedding(random), rows, size);
        int[] filterSize = {filters, WIDTH * size};
        float[] filter = gaussians(random, filters * WIDTH * size, 1 / Math.sqrt(WIDTH * size));
        variables.add(FILTER, graph -> graph.floats(filterSize, filter), filterSize);
        variables.add(FILTER_BIAS, filters);
        head = new LinearHead(variables, filters + size, labelCount, random);
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
        ConvolutionModel model = new ConvolutionModel(sizes, labelCount, seed, optimiser);
        return TfliteFile.of(
                "CrossLM text convolution",
                List.of(
                        model.variables.initial(),
                        model.score(),
                        model.train(),
                        model.variables.save(),
                        model.variables.restore()));
    }

    /**
     * Random rows out of few numbers, so that the file stays small: row r C + c is sign row r times
     * normal row c. Any two rows are uncorrelated.
     */
    private ToIntFunction<Subgraph> embedding(Random random) {
        int columns = (int) Math.sqrt(rows);
        while (rows % columns != 0) {
            columns--;
        }
        int[] signSize = {rows / columns, 1, size};
        float[] signs = new float[rows / columns * size];
        for (int i = 0; i < signs.length; i++) {
            signs[i] = random.nextBoolean() ? 1 : -1;
        }
        int[] normalSize = {1, columns, size};
        float[] normals = gaussians(random, columns * size, DEVIATION);
        return graph ->
                graph.reshape(
                        graph.add(
                                Operator.MUL,
                                graph.floats(signSize, signs),
                                graph.floats(normalSize, normals)),
                        rows,
                        size);
    }

    private static float[] gaussians(Random random, int count, double deviation) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (deviation * random.nextGaussian());
        }
        return values;
    }

    private Subgraph score() {
        Subgraph graph = variables.graph("score");
        graph.output("probabilities", graph.softmax(new Forward(graph).logits));
        return graph;
    }

    private Subgraph train() {
        Subgraph graph = variables.graph("train");
        Forward forward = new Forward(graph);
        LinearHead.Learning learning = forward.layer.learning(forward.features, forward.logits);
        int headSlope = learning.weightSlope();
        int biasSlope = learning.biasSlope();
        int featureSlope = learning.featureSlope(); // [B, F + D]
        int active = forward.slope(graph.columns(featureSlope, 2, 0, filters)); // d h [B, N, F]
        int flat = graph.reshape(active, Subgraph.ANY, filters); // [B N, F]
        int filterSlope =
                graph.multiplyTransposedLeft(
                        flat, graph.reshape(forward.windows, Subgraph.ANY, WIDTH * size));
        int filterBiasSlope = graph.sum(flat, 0);
        int windowSlope = graph.multiply(active, forward.filter); // [B, N, 3 D]
        // What was shifted one way goes back the other way.
        int before = forward.behind(graph.columns(windowSlope, 3, 0, size));
        int at = graph.columns(windowSlope, 3, size, size);
        int behind = forward.before(graph.columns(windowSlope, 3, 2 * size, size));
        int bagSlope = forward.bagSlope(graph.columns(featureSlope, 2, filters, size));
        int rowSlope =
                graph.add(
                        Operator.ADD,
                        graph.add(Operator.ADD, graph.add(Operator.ADD, before, at), behind),
                        bagSlope);
        int embeddingSlope =
                graph.add(
                        Operator.SCATTER_ND,
                        graph.reshapeIntegers(forward.ids, Subgraph.ANY, 1),
                        graph.reshape(
                                graph.add(Operator.MUL, rowSlope, forward.columns),
                                Subgraph.ANY,
                                size),
                        graph.integers(rows, size)); // [V, D]; what hits one row is summed

        learning.step().apply(EMBEDDING, forward.embedding, embeddingSlope);
        learning.step().apply(FILTER, forward.filter, filterSlope);
        learning.step().apply(FILTER_BIAS, forward.filterBias, filterBiasSlope);
        learning.apply(headSlope, biasSlope);
        return graph;
    }

    /** From ids to logits. */
    private final class Forward {
        private final Subgraph graph;
        private final int ids;
        private final int columns;
        private final int embedding;
        private final int filter;
        private final int filterBias;
        private final int windows;
        private final int values;
        private final int largest;
        private final int length;
        private final int features;
        private final LinearHead.Layer layer;
        private final int logits;

        Forward(Subgraph graph) {
            this.graph = graph;
            ids = graph.input(IDS, TensorType.INT32, Subgraph.ANY, Subgraph.ANY);
            int weights = graph.input(WEIGHTS, TensorType.FLOAT32, Subgraph.ANY, Subgraph.ANY);
            embedding = variables.read(graph, EMBEDDING);
            filter = variables.read(graph, FILTER);
            filterBias = variables.read(graph, FILTER_BIAS);
            layer = head.layer(graph);
            columns = graph.add(Operator.EXPAND_DIMS, weights, graph.integers(2)); // [B, N, 1]
            int looked = graph.add(Operator.GATHER, embedding, ids); // [B, N, D]
            int x = graph.add(Operator.MUL, looked, columns);
            windows = graph.concatenate(2, before(x), x, behind(x)); // [B, N, 3 D]
            int h =
                    graph.add(
                            Operator.ADD,
                            graph.multiplyTransposedRight(windows, filter),
                            filterBias); // [B, N, F]
            values = graph.add(Operator.MUL, graph.add(Operator.RELU, h), columns);
            largest = graph.maximumKeeping(values, 1); // [B, 1, F]
            length =
                    graph.add(
                            Operator.SQRT,
                            graph.add(
                                    Operator.MAXIMUM,
                                    graph.sumKeeping(graph.add(Operator.MUL, columns, columns), 1),
                                    graph.scalar(1))); // [B, 1, 1]
            int bag = graph.add(Operator.DIV, graph.sumKeeping(x, 1), length); // [B, 1, D]
            features =
                    graph.concatenate(
                            1,
                            graph.reshape(largest, Subgraph.ANY, filters),
                            graph.reshape(bag, Subgraph.ANY, size));
            logits = layer.logits(features);
        }

        /** Each row is what was the one before it. */
        int before(int tensor) {
            return graph.innerRows(graph.padRows(tensor), 0, 2);
        }

        /** Each row is what was the one behind it. */
        int behind(int tensor) {
            return graph.innerRows(graph.padRows(tensor), 2, 0);
        }

        /** From d loss / d bag [B, D] to d loss / d x [B, 1, D], the same for each n. */
        int bagSlope(int slope) {
            return graph.add(Operator.DIV, graph.reshape(slope, Subgraph.ANY, 1, size), length);
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
            return graph.add(Operator.MUL, valueSlope, columns);
        }
    }
}
