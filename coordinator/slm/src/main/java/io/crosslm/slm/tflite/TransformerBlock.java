package io.crosslm.slm.tflite;

import java.util.Random;

/**
 * A block of a transformer with the normalisation before each part (Xiong et al. 2020): u = x +
 * attention(norm(x)), y = u + feed_forward(norm(u)), feed_forward(a) = relu(a in^T + b) out^T + c.
 * Confined to one thread.
 */
final class TransformerBlock {
    private final LayerNormalisation attentionNorm;
    private final SelfAttention attention;
    private final LayerNormalisation feedForwardNorm;
    private final LinearLayer in;
    private final LinearLayer out;

    /**
     * A block.
     *
     * @param name that the parameters' names begin with
     */
    TransformerBlock(String name, TransformerModel.Sizes sizes) {
        int size = sizes.embedding();
        attentionNorm = new LayerNormalisation(name + "_attention_norm", size);
        attention = new SelfAttention(name + "_attention", size, sizes.heads());
        String feedForward = name + "_feed_forward";
        feedForwardNorm = new LayerNormalisation(feedForward + "_norm", size);
        in =
                LinearLayer.of(
                        feedForward + "_in_weight",
                        feedForward + "_in_bias",
                        size,
                        sizes.feedForward());
        out =
                LinearLayer.of(
                        feedForward + "_out_weight",
                        feedForward + "_out_bias",
                        sizes.feedForward(),
                        size);
    }

    /** Adds the parameters; y begins as x. */
    void declare(TrainedVariables variables, Random random) {
        attentionNorm.declare(variables, 1);
        attention.declare(variables, random);
        feedForwardNorm.declare(variables, 1);
        in.declare(variables, random);
        out.declareZero(variables);
    }

    /** Appends the way through the block, of x [B, N, D] with a mask as attention wants it. */
    Pass forward(GraphParameters parameters, int x, int mask) {
        return new Pass(parameters, x, mask);
    }

    /** Values of a way through the block. */
    final class Pass {
        private final LayerNormalisation.Pass attentionNormed;
        private final SelfAttention.Pass attended;
        private final LayerNormalisation.Pass feedForwardNormed;
        private final int hidden;
        private final int active;
        private final int result;

        private Pass(GraphParameters parameters, int x, int mask) {
            Subgraph graph = parameters.graph();
            attentionNormed = attentionNorm.forward(parameters, x);
            attended = attention.forward(parameters, attentionNormed.result(), mask);
            int u = graph.add(Operator.ADD, x, attended.result());
            feedForwardNormed = feedForwardNorm.forward(parameters, u);
            hidden = in.forward(parameters, feedForwardNormed.result()); // [B, N, F]
            active = graph.add(Operator.RELU, hidden);
            result = graph.add(Operator.ADD, u, out.forward(parameters, active));
        }

        /** y [B, N, D]. */
        int result() {
            return result;
        }

        /**
         * Appends the way back: what goes around a part is added to what comes through it.
         *
         * @param slope d y [B, N, D]
         * @return d x [B, N, D]
         */
        int backward(int slope, Gradients gradients) {
            Subgraph graph = gradients.graph();
            int hiddenSlope =
                    graph.add(
                            Operator.MUL,
                            out.backward(active, slope, gradients),
                            graph.indicator(Operator.GREATER, hidden, graph.scalar(0)));
            int inSlope = in.backward(feedForwardNormed.result(), hiddenSlope, gradients);
            int uSlope =
                    graph.add(Operator.ADD, slope, feedForwardNormed.backward(inSlope, gradients));
            int attendedSlope = attended.backward(uSlope, gradients);
            return graph.add(
                    Operator.ADD, uSlope, attentionNormed.backward(attendedSlope, gradients));
        }
    }
}
