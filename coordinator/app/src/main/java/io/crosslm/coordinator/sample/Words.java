package io.crosslm.coordinator.sample;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The words of a text without case and punctuation, by which copies are recognised.
 *
 * @param list in order
 */
record Words(List<String> list) {
    private static final Pattern BETWEEN = Pattern.compile("[^\\p{L}\\p{N}]+");

    Words {
        list = List.copyOf(list);
    }

    static Words of(String text) {
        return new Words(
                BETWEEN.splitAsStream(text.toLowerCase(Locale.ROOT))
                        .filter(word -> !word.isEmpty())
                        .toList());
    }

    /** Shared words as a share of all words of both, from 0 to 1. */
    double overlap(Words other) {
        Set<String> all = new HashSet<>(list);
        all.addAll(other.list);
        Set<String> shared = new HashSet<>(list);
        shared.retainAll(new HashSet<>(other.list));
        return all.isEmpty() ? 0 : (double) shared.size() / all.size();
    }
}
