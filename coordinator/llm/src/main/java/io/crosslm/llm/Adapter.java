package io.crosslm.llm;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * LoRA matrices: a linear layer computes W x + alpha / rank * B (A x). Immutable.
 *
 * <p>Layers are named as in PEFT without its prefix, for instance {@code
 * model.layers.0.self_attn.q_proj}.
 */
public final class Adapter {
    private static final Adapter NONE = new Adapter(0, 0, Map.of());

    private final int rank;
    private final double alpha;
    private final Map<String, Matrices> layers;

    private Adapter(int rank, double alpha, Map<String, Matrices> layers) {
        this.rank = rank;
        this.alpha = alpha;
        this.layers = layers;
    }

    /** No adapter: the untuned model. */
    public static Adapter none() {
        return NONE;
    }

    /**
     * An adapter of these matrices, in the map's order.
     *
     * @throws IllegalArgumentException if a matrix does not have the rank
     */
    public static Adapter of(int rank, double alpha, Map<String, Matrices> layers) {
        layers.forEach(
                (name, matrices) -> {
                    if (matrices.a.length != rank * matrices.in
                            || matrices.b.length != matrices.out * rank) {
                        throw new IllegalArgumentException(
                                name + ": the matrices do not have rank " + rank);
                    }
                });
        return new Adapter(rank, alpha, new LinkedHashMap<>(layers));
    }

    public boolean isNone() {
        return layers.isEmpty();
    }

    public int rank() {
        return rank;
    }

    public double alpha() {
        return alpha;
    }

    /** alpha / rank. */
    public double scale() {
        return rank == 0 ? 0 : alpha / rank;
    }

    /**
     * An adapter on the straight way from another one to this.
     *
     * @param start where the way begins, an adapter that this one was tuned from; from {@link
     *     #none()}, the change of the model is scaled
     * @param factor 0 is the start, 1 is this adapter
     * @throws IllegalArgumentException if the two do not have the same layers, rank and alpha
     */
    public Adapter wayFrom(Adapter start, double factor) {
        if (!start.isNone()
                && (start.rank != rank
                        || start.alpha != alpha
                        || !start.layers.keySet().equals(layers.keySet()))) {
            throw new IllegalArgumentException(
                    "There is no way between adapters of other layers, ranks or alphas");
        }
        Map<String, Matrices> between = new LinkedHashMap<>();
        layers.forEach(
                (name, matrices) -> {
                    Matrices from = start.layers.get(name);
                    between.put(
                            name,
                            new Matrices(
                                    matrices.in,
                                    matrices.out,
                                    from == null ? matrices.a : way(from.a, matrices.a, factor),
                                    way(
                                            from == null ? new float[matrices.b.length] : from.b,
                                            matrices.b,
                                            factor)));
                });
        return new Adapter(rank, alpha, between);
    }

    private static float[] way(float[] from, float[] to, double factor) {
        float[] between = new float[to.length];
        for (int i = 0; i < between.length; i++) {
            between[i] = (float) (from[i] + factor * (to[i] - from[i]));
        }
        return between;
    }

    public Set<String> layers() {
        return java.util.Collections.unmodifiableSet(layers.keySet());
    }

    /** The matrices of a layer; it must be one of {@link #layers()}. */
    public Matrices matrices(String layer) {
        Matrices found = layers.get(layer);
        if (found == null) {
            throw new IllegalArgumentException("The adapter has no layer " + layer);
        }
        return found;
    }

    /** A of shape [rank, in] and B of shape [out, rank], row-major float32. */
    public static final class Matrices {
        private final int in;
        private final int out;
        private final float[] a;
        private final float[] b;

        public Matrices(int in, int out, float[] a, float[] b) {
            this.in = in;
            this.out = out;
            this.a = a.clone();
            this.b = b.clone();
        }

        public int in() {
            return in;
        }

        public int out() {
            return out;
        }

        public float[] a() {
            return a.clone();
        }

        public float[] b() {
            return b.clone();
        }
    }
}
