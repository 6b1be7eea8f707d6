package io.crosslm.edge.tflite;

import io.crosslm.text.IdBag;
import io.crosslm.text.IdFeatures;

/** Turns texts into a model's ids, as a manifest's features say. Thread-safe. */
interface TextIds {
    /** The most ids of a text. */
    int maxIds();

    /** A text's ids, at most {@link #maxIds}. */
    Row row(String text);

    /** Those of the text module. */
    static TextIds of(IdFeatures features) {
        return new TextIds() {
            @Override
            public int maxIds() {
                return features.maxIds();
            }

            @Override
            public Row row(String text) {
                IdBag bag = features.bag(text);
                return new Row(bag.ids(), bag.weights());
            }
        };
    }

    /** Ids of a text, each with its weight; the arrays do not change any more. */
    final class Row {
        private final int[] ids;
        private final float[] weights;

        Row(int[] ids, float[] weights) {
            this.ids = ids;
            this.weights = weights;
        }

        int size() {
            return ids.length;
        }

        void copyIds(int[] batch, int from) {
            System.arraycopy(ids, 0, batch, from, ids.length);
        }

        void copyWeights(float[] batch, int from) {
            System.arraycopy(weights, 0, batch, from, weights.length);
        }
    }
}
