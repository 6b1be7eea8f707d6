package io.crosslm.text;

import java.util.List;

/** Rewrites a text before it is cut and encoded. Immutable and thread-safe. */
interface Normaliser {
    /** Leaves every text as it is. */
    Normaliser NONE = text -> text;

    String normalise(String text);

    /** One after the other, in this order. */
    static Normaliser sequence(List<Normaliser> normalisers) {
        if (normalisers.isEmpty()) {
            return NONE;
        }
        List<Normaliser> all = List.copyOf(normalisers);
        return text -> {
            String result = text;
            for (Normaliser normaliser : all) {
                result = normaliser.normalise(result);
            }
            return result;
        };
    }
}
