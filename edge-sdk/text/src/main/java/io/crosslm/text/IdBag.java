package io.crosslm.text;

import java.util.Arrays;

/** Ids that stand for a text, each with its weight. Immutable. */
public final class IdBag {
    private final int[] ids;
    private final float[] weights;

    IdBag(int[] ids, float[] weights) {
        this.ids = ids.clone();
        this.weights = weights.clone();
    }

    /** Ids in it. */
    public int size() {
        return ids.length;
    }

    /** A copy of the ids. */
    public int[] ids() {
        return ids.clone();
    }

    /** A copy of the weights, one for each id. */
    public float[] weights() {
        return weights.clone();
    }

    /** Writes the ids into a row of a batch, from an index on. */
    public void copyIds(int[] batch, int from) {
        System.arraycopy(ids, 0, batch, from, ids.length);
    }

    /** Writes the weights into a row of a batch, from an index on. */
    public void copyWeights(float[] batch, int from) {
        System.arraycopy(weights, 0, batch, from, weights.length);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof IdBag
                && Arrays.equals(ids, ((IdBag) other).ids)
                && Arrays.equals(weights, ((IdBag) other).weights);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(ids) + Arrays.hashCode(weights);
    }

    /** Says no more than the size: a text could be guessed from its ids. */
    @Override
    public String toString() {
        return "IdBag[" + ids.length + " ids]";
    }
}
