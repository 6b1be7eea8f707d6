package io.crosslm.slm.tflite;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Self-attention of several heads (Vaswani et al. 2017), without biases: a bias of the keys would
 * change nothing. Confined to one thread.
 *
 * <p>B texts, N places, D the size, H heads, S = D / H. With q, k and v [B, N, D] the three parts
 * of x attention_in_weight^T, of which head h has columns h S to (h + 1) S:
 *
 * <pre>
 *   p_h [B, N, N]  = softmax(q_h k_h^T / sqrt(S) + mask)
 *   z_h [B, N, S]  = p_h v_h
 *   y [B, N, D]    = (z_1 ... z_H) attention_out_weight^T
 * </pre>
 *
 * <p>Each head is a few operators on tensors of three dimensions, so that no transposition is
 * needed, and no operator that asks for a tensor's shape.
 */
final class SelfAttention {
    private final int size;
    private final int headCount;
    private final int headSize;
    private final LinearLayer in;
    private final LinearLayer out;

    /**
     * A layer.
     *
     * @param name that the parameters' names begin with
     * @param size D, a multiple of the heads
     * @param headCount H
     */
    SelfAttention(String name, int size, int headCount) {
        this.size = size;
        this.headCount = headCount;
        headSize = size / headCount;
        in = LinearLayer.withoutBias(name + "_in_weight", size, 3 * size);
        out = LinearLayer.withoutBias(name + "_out_weight", size, size);
    }

    /** Adds the parameters; the layer's result begins at 0. */
    void declare(TrainedVariables variables, Random random) {
        in.declare(variables, random);
        out.declareZero(variables);
    }

    /**
     * Appends the way through the layer.
     *
     * @param x [B, N, D]
     * @param mask [B, 1, N], 0 or a large negative number where there is nothing to attend to
     */
    Pass forward(GraphParameters parameters, int x, int mask) {
        return new Pass(parameters, x, mask);
    }

    /** Values of a way through the layer. */
    final class Pass {
        private final int x;
        private final List<Head> heads = new ArrayList<>();
        private final int mixed;
        private final int result;

        private Pass(GraphParameters parameters, int x, int mask) {
            this.x = x;
            Subgraph graph = parameters.graph();
            int projected = in.forward(parameters, x); // [B, N, 3 D]
            for (int h = 0; h < headCount; h++) {
                heads.add(new Head(graph, projected, h * headSize, mask));
            }
            mixed = join(graph, heads.stream().map(Head::result));
            result = out.forward(parameters, mixed);
        }

        /** y [B, N, D]. */
        int result() {
            return result;
        }

        /**
         * Appends the way back.
         *
         * @param slope d y [B, N, D]
         * @return d x [B, N, D]
         */
        int backward(int slope, Gradients gradients) {
            Subgraph graph = gradients.graph();
            int mixedSlope = out.backward(mixed, slope, gradients); // [B, N, D]
            List<HeadSlopes> slopes = new ArrayList<>();
            for (int h = 0; h < headCount; h++) {
                int headSlope = graph.columns(mixedSlope, 3, h * headSize, headSize);
                slopes.add(heads.get(h).backward(graph, headSlope));
            }
            Stream<Integer> queries = slopes.stream().map(HeadSlopes::query);
            Stream<Integer> keys = slopes.stream().map(HeadSlopes::key);
            Stream<Integer> values = slopes.stream().map(HeadSlopes::value);
            int projectedSlope =
                    join(graph, Stream.concat(Stream.concat(queries, keys), values)); // [B, N, 3 D]
            return in.backward(x, projectedSlope, gradients);
        }
    }

    private static int join(Subgraph graph, Stream<Integer> parts) {
        return graph.concatenate(2, parts.mapToInt(Integer::intValue).toArray());
    }

    /** Gradients of a head's q, k and v [B, N, S]. */
    private record HeadSlopes(int query, int key, int value) {}

    /** Values of a head. */
    private final class Head {
        private final int scaledQuery;
        private final int key;
        private final int value;
        private final int attention;
        private final int result;

        Head(Subgraph graph, int projected, int from, int mask) {
            int query = graph.columns(projected, 3, from, headSize); // [B, N, S]
            key = graph.columns(projected, 3, size + from, headSize);
            value = graph.columns(projected, 3, 2 * size + from, headSize);
            scaledQuery = graph.add(Operator.MUL, query, scale(graph));
            int scores = graph.multiplyTransposedRight(scaledQuery, key); // [B, N, N]
            attention = graph.softmax(graph.add(Operator.ADD, scores, mask));
            result = graph.multiply(attention, value); // [B, N, S]
        }

        int result() {
            return result;
        }

        /**
         * d v = p^T d z, d p = d z v^T, d s = p (d p - sum over the last dimension of p d p), d q =
         * d s k / sqrt(S), d k = d s^T q / sqrt(S).
         *
         * @param slope d z [B, N, S]
         */
        HeadSlopes backward(Subgraph graph, int slope) {
            int valueSlope = graph.multiplyTransposedLeft(attention, slope);
            int attentionSlope = graph.multiplyTransposedRight(slope, value); // [B, N, N]
            int expected = graph.sumKeeping(graph.add(Operator.MUL, attention, attentionSlope), 2);
            int scoreSlope =
                    graph.add(
                            Operator.MUL,
                            attention,
                            graph.add(Operator.SUB, attentionSlope, expected));
            int querySlope = graph.add(Operator.MUL, graph.multiply(scoreSlope, key), scale(graph));
            int keySlope = graph.multiplyTransposedLeft(scoreSlope, scaledQuery);
            return new HeadSlopes(querySlope, keySlope, valueSlope);
        }

        private int scale(Subgraph graph) {
            return graph.scalar(1 / Math.sqrt(headSize));
        }
    }
}
