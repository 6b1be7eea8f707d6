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

    /** This adapter with every change of the model multiplied by a factor; rank and alpha stay. */
    public Adapter scaled(double factor) {
        Map<String, Matrices> scaled = new LinkedHashMap<>();
        layers.forEach((name, matrices) -> scaled.put(name, matrices.scaled(factor)));
        return new Adapter(rank, alpha, scaled);
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

        private Matrices scaled(double factor) {
            float[] scaled = b.clone();
            for (int i = 0; i < scaled.length; i++) {
                scaled[i] = (float) (factor * scaled[i]);
            }
            return new Matrices(in, out, a, scaled);
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
