package io.crosslm.slm.tflite;

import io.crosslm.slm.autodiff.AdamW;
import io.crosslm.slm.classifier.ClassificationLoss;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/**
 * A light text model: an embedding for each id of a text, their weighted sum, and a linear head.
 * All of it is trained, by AdamW, inside the runtime's variables.
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
 * <p>The loss is that of {@link ClassificationLoss}, the step that of {@link AdamW}. The same
 * settings give the same bytes.
 */
public final class EmbeddingBagModel {
    /** Name of the embedding [V, D] in save and restore. */
    public static final String EMBEDDING = "embedding";

    /** Name of the head's matrix [Y, D]. */
    public static final String HEAD_WEIGHT = "head_weight";

    /** Name of the head's bias [Y]. */
    public static final String HEAD_BIAS = "head_bias";

    private static final String IDS = "ids";
    private static final String WEIGHTS = "weights";
    private static final String FIRST_MOMENT = ".m";
    private static final String SECOND_MOMENT = ".v";
    private static final int INITIAL_GRAPH = 0;

    /** Below every target that is not 0; keeps its logarithm finite. */
    private static final double TINY = 1e-30;

    private final int rows;
    private final int size;
    private final int labelCount;
    private final Map<String, int[]> parameters = new LinkedHashMap<>();

    private EmbeddingBagModel(int rows, int size, int labelCount) {
        this.rows = rows;
        this.size = size;
        this.labelCount = labelCount;
        parameters.put(EMBEDDING, new int[] {rows, size});
        parameters.put(HEAD_WEIGHT, new int[] {labelCount, size});
        parameters.put(HEAD_BIAS, new int[] {labelCount});
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
    public static byte[] write(int rows, int size, int labelCount, long seed) {
        EmbeddingBagModel model = new EmbeddingBagModel(rows, size, labelCount);
        return TfliteFile.of(
                "CrossLM embedding bag",
                List.of(
                        model.initial(seed),
                        model.score(),
                        model.train(),
                        model.save(),
                        model.restore()));
    }

    /** Gives the variables their first values; every other graph calls it once. */
    private Subgraph initial(long seed) {
        Subgraph graph = new Subgraph("initial");
        Random random = new Random(seed);
        float[] head = new float[labelCount * size];
        for (int i = 0; i < head.length; i++) {
            head[i] = (float) (random.nextGaussian() / Math.sqrt(size));
        }
        parameters.forEach(
                (name, dimensions) -> {
                    int zeros =
                            graph.add(
                                    Operator.FILL,
                                    graph.integers(dimensions),
                                    graph.floats(new int[0], 0));
                    boolean isHead = name.equals(HEAD_WEIGHT);
                    int first = isHead ? graph.floats(dimensions, head) : zeros;
                    graph.assign(graph.variable(name), first);
                    graph.assign(graph.variable(name + FIRST_MOMENT), zeros);
                    graph.assign(graph.variable(name + SECOND_MOMENT), zeros);
                });
        return graph;
    }

    private static Subgraph begun(String name) {
        Subgraph graph = new Subgraph(name);
        graph.callOnce(INITIAL_GRAPH);
        return graph;
    }

    private Subgraph score() {
        Subgraph graph = begun("score");
        Forward forward = new Forward(graph);
        graph.output("probabilities", graph.softmax(forward.logits));
        return graph;
    }

    private Subgraph train() {
        Subgraph graph = begun("train");
        Forward forward = new Forward(graph);
        int targets =
                graph.input(
                        ClassificationLoss.TARGETS, TensorType.FLOAT32, Subgraph.ANY, labelCount);
        int rowWeights =
                graph.reshape(
                        graph.input(
                                ClassificationLoss.ROW_WEIGHTS, TensorType.FLOAT32, Subgraph.ANY),
                        Subgraph.ANY,
                        1); // [B, 1]
        Step step = new Step(graph);
        int penalty = number(graph, ClassificationLoss.PENALTY);
        graph.output(ClassificationLoss.LOSS, loss(graph, forward.logits, targets, rowWeights));

        // d loss / d logits = w (softmax(logits) x sum(q) - q) [B, Y]
        int expected =
                graph.add(
                        Operator.MUL, graph.softmax(forward.logits), graph.sumKeeping(targets, 1));
        int slope = graph.add(Operator.MUL, graph.add(Operator.SUB, expected, targets), rowWeights);
        int headSlope =
                graph.add(
                        Operator.ADD,
                        graph.multiplyTransposedLeft(slope, forward.bag),
                        graph.add(Operator.MUL, forward.headWeight, penalty)); // [Y, D]
        int biasSlope = graph.sum(slope, 0); // [Y]
        int bagSlope = graph.reshape(graph.multiply(slope, forward.headWeight), -1, 1, size);
        int perId = graph.multiply(forward.columns, bagSlope); // [B, N, 1] x [B, 1, D]
        int embeddingSlope =
                graph.add(
                        Operator.SCATTER_ND,
                        graph.reshapeIntegers(forward.ids, Subgraph.ANY, 1),
                        graph.reshape(perId, Subgraph.ANY, size),
                        graph.integers(rows, size)); // [V, D]; what hits one row is summed

        step.apply(EMBEDDING, forward.embedding, embeddingSlope);
        step.apply(HEAD_WEIGHT, forward.headWeight, headSlope);
        step.apply(HEAD_BIAS, forward.headBias, biasSlope);
        return graph;
    }

    /** sum over rows of w KL(q || softmax(logits)); 0 log 0 = 0. */
    private static int loss(Subgraph graph, int logits, int targets, int rowWeights) {
        int logQ =
                graph.add(Operator.LOG, graph.add(Operator.MAXIMUM, targets, graph.scalar(TINY)));
        int difference = graph.add(Operator.SUB, logQ, graph.add(Operator.LOG_SOFTMAX, logits));
        int divergence = graph.sumKeeping(graph.add(Operator.MUL, targets, difference), 1);
        return graph.sum(graph.add(Operator.MUL, divergence, rowWeights), 0, 1);
    }

    private Subgraph save() {
        Subgraph graph = begun("save");
        // Some runtimes run no signature without an input.
        graph.input("unused", TensorType.FLOAT32, 1);
        parameters.forEach(
                (name, dimensions) ->
                        graph.output(name, graph.read(graph.variable(name), dimensions)));
        return graph;
    }

    private Subgraph restore() {
        Subgraph graph = begun("restore");
        List<Integer> sums = new ArrayList<>();
        parameters.forEach(
                (name, dimensions) -> {
                    int value = graph.input(name, TensorType.FLOAT32, dimensions);
                    int zeros = graph.add(Operator.ZEROS_LIKE, value);
                    graph.assign(graph.variable(name), value);
                    graph.assign(graph.variable(name + FIRST_MOMENT), zeros);
                    graph.assign(graph.variable(name + SECOND_MOMENT), zeros);
                    sums.add(zeros);
                });
        graph.output("done", sums.get(sums.size() - 1));
        return graph;
    }

    private static int number(Subgraph graph, String name) {
        return graph.input(name, TensorType.FLOAT32, 1);
    }

    /** From ids to logits. */
    private final class Forward {
        private final int ids;
        private final int columns;
        private final int embedding;
        private final int headWeight;
        private final int headBias;
        private final int bag;
        private final int logits;

        Forward(Subgraph graph) {
            ids = graph.input(IDS, TensorType.INT32, Subgraph.ANY, Subgraph.ANY);
            int weights = graph.input(WEIGHTS, TensorType.FLOAT32, Subgraph.ANY, Subgraph.ANY);
            embedding = read(graph, EMBEDDING);
            headWeight = read(graph, HEAD_WEIGHT);
            headBias = read(graph, HEAD_BIAS);
            columns = graph.add(Operator.EXPAND_DIMS, weights, graph.integers(2)); // [B, N, 1]
            int looked = graph.add(Operator.GATHER, embedding, ids); // [B, N, D]
            int summed = graph.multiplyTransposedLeft(columns, looked); // [B, 1, D]
            bag = graph.reshape(summed, Subgraph.ANY, size);
            logits =
                    graph.add(
                            Operator.ADD, graph.multiplyTransposedRight(bag, headWeight), headBias);
        }

        private int read(Subgraph graph, String name) {
            int[] dimensions = Objects.requireNonNull(parameters.get(name));
            return graph.read(graph.variable(name), dimensions);
        }
    }

    /** AdamW's step on a parameter, in the words of {@link AdamW}. */
    private final class Step {
        private final Subgraph graph;
        private final int rate;
        private final int inverse2;
        private final int kept;

        Step(Subgraph graph) {
            this.graph = graph;
            int learningRate = number(graph, AdamW.LEARNING_RATE);
            int weightDecay = number(graph, AdamW.WEIGHT_DECAY);
            int correction1 = number(graph, AdamW.CORRECTION_1);
            int correction2 = number(graph, AdamW.CORRECTION_2);
            // The runtime divides a tensor by one number much more slowly than it multiplies.
            rate = graph.add(Operator.DIV, learningRate, correction1);
            inverse2 = graph.add(Operator.DIV, graph.scalar(1), correction2);
            int decay = graph.add(Operator.MUL, learningRate, weightDecay);
            kept = graph.add(Operator.SUB, graph.scalar(1), decay);
        }

        void apply(String name, int value, int slope) {
            int[] dimensions = Objects.requireNonNull(parameters.get(name));
            int firstHandle = graph.variable(name + FIRST_MOMENT);
            int secondHandle = graph.variable(name + SECOND_MOMENT);
            int first = moment(graph.read(firstHandle, dimensions), slope, AdamW.BETA_1);
            int squared = graph.add(Operator.MUL, slope, slope);
            int second = moment(graph.read(secondHandle, dimensions), squared, AdamW.BETA_2);
            int direction = graph.add(Operator.MUL, first, rate);
            int length = graph.add(Operator.SQRT, graph.add(Operator.MUL, second, inverse2));
            int scaled =
                    graph.add(
                            Operator.DIV,
                            direction,
                            graph.add(Operator.ADD, length, graph.scalar(AdamW.EPSILON)));
            int updated = graph.add(Operator.SUB, graph.add(Operator.MUL, value, kept), scaled);
            graph.assign(firstHandle, first);
            graph.assign(secondHandle, second);
            graph.assign(graph.variable(name), updated);
        }

        /** beta x moment + (1 - beta) x value. */
        private int moment(int moment, int value, double beta) {
            return graph.add(
                    Operator.ADD,
                    graph.add(Operator.MUL, moment, graph.scalar(beta)),
                    graph.add(Operator.MUL, value, graph.scalar(1 - beta)));
        }
    }
}
