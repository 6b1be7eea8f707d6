package io.crosslm.slm.tflite;

import io.crosslm.slm.classifier.ClassificationLoss;
import java.util.Map;
import java.util.Random;

/**
 * The end of a light model, a linear layer and its loss: logits [B, Y] = features [B, D] x weight
 * [Y, D]^T + bias [Y]. The loss is that of {@link ClassificationLoss}. Confined to one thread.
 */
final class LinearHead {
    static final String WEIGHT = "head_weight";
    static final String BIAS = "head_bias";

    /** Below every target that is not 0; keeps its logarithm finite. */
    private static final double TINY = 1e-30;

    private final TrainedVariables variables;
    private final int labelCount;

    /**
     * Adds the layer's variables, a matrix whose rows are random and of length about 1, and a bias
     * of 0.
     */
    LinearHead(TrainedVariables variables, int featureCount, int labelCount, Random random) {
        this.variables = variables;
        this.labelCount = labelCount;
        int[] dimensions = {labelCount, featureCount};
        double deviation = 1 / Math.sqrt(featureCount);
        variables.add(WEIGHT, FirstValues.gaussians(random, deviation, dimensions), dimensions);
        variables.add(BIAS, labelCount);
    }

    /**
     * The labels of a head that was trained elsewhere.
     *
     * @throws IllegalArgumentException if there are less than two
     */
    static int labelCount(Map<String, float[]> numbers) {
        int labels = FixedParameters.numbers(numbers, BIAS).length;
        if (labels < 2) {
            throw new IllegalArgumentException(
                    "expected a head of 2 or more labels but its bias has " + labels);
        }
        return labels;
    }

    /**
     * The features that it has weights for.
     *
     * @throws IllegalArgumentException if weight and bias do not go together
     */
    static int featureCount(Map<String, float[]> numbers) {
        return FixedParameters.rows(numbers, WEIGHT, labelCount(numbers));
    }

    /** The layer in a graph. */
    Layer layer(GraphParameters parameters) {
        return new Layer(parameters.graph(), parameters.value(WEIGHT), parameters.value(BIAS));
    }

    /** Its values. */
    final class Layer {
        private final Subgraph graph;
        private final int weight;
        private final int bias;

        private Layer(Subgraph graph, int weight, int bias) {
            this.graph = graph;
            this.weight = weight;
            this.bias = bias;
        }

        /** Logits of features [B, D]. */
        int logits(int features) {
            return graph.add(Operator.ADD, graph.multiplyTransposedRight(features, weight), bias);
        }

        /** Adds the loss's inputs and output. */
        Learning learning(int features) {
            return new Learning(this, features, logits(features));
        }
    }

    /** Loss and gradients of a layer. */
    final class Learning {
        private final Layer layer;
        private final int features;
        private final int slope;
        private final int penalty;
        private final TrainedVariables.Step step;

        private Learning(Layer layer, int features, int logits) {
            this.layer = layer;
            this.features = features;
            Subgraph graph = layer.graph;
            int targets =
                    graph.input(
                            ClassificationLoss.TARGETS,
                            TensorType.FLOAT32,
                            Subgraph.ANY,
                            labelCount);
            int rowWeights =
                    graph.reshape(
                            graph.input(
                                    ClassificationLoss.ROW_WEIGHTS,
                                    TensorType.FLOAT32,
                                    Subgraph.ANY),
                            Subgraph.ANY,
                            1); // [B, 1]
            step = variables.step(graph);
            penalty = graph.input(ClassificationLoss.PENALTY, TensorType.FLOAT32, 1);
            graph.output(ClassificationLoss.LOSS, loss(graph, logits, targets, rowWeights));
            // d loss / d logits = w (softmax(logits) x sum(q) - q) [B, Y]
            int expected =
                    graph.add(Operator.MUL, graph.softmax(logits), graph.sumKeeping(targets, 1));
            slope = graph.add(Operator.MUL, graph.add(Operator.SUB, expected, targets), rowWeights);
        }

        /** The optimiser's steps. */
        TrainedVariables.Step step() {
            return step;
        }

        /**
         * Appends the way back, the penalty among it.
         *
         * @return the gradient of the features [B, D]
         */
        int backward(Gradients gradients) {
            Subgraph graph = layer.graph;
            gradients.add(
                    WEIGHT,
                    graph.add(
                            Operator.ADD,
                            graph.multiplyTransposedLeft(slope, features),
                            graph.add(Operator.MUL, layer.weight, penalty)));
            gradients.add(BIAS, graph.sum(slope, 0));
            return graph.multiply(slope, layer.weight);
        }
    }

    /** sum over rows of w KL(q || softmax(logits)); 0 log 0 = 0. */
    private static int loss(Subgraph graph, int logits, int targets, int rowWeights) {
        int logQ =
                graph.add(Operator.LOG, graph.add(Operator.MAXIMUM, targets, graph.scalar(TINY)));
        int difference = graph.add(Operator.SUB, logQ, graph.add(Operator.LOG_SOFTMAX, logits));
        int divergence = graph.sumKeeping(graph.add(Operator.MUL, targets, difference), 1);
        return graph.sum(graph.add(Operator.MUL, divergence, rowWeights), 0, 1);
    }
}
