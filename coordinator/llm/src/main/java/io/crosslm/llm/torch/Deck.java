package io.crosslm.llm.torch;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Draws indices in random order, shuffled anew whenever all were drawn. */
final class Deck {
    private final List<Integer> cards;
    private final Random random;
    private int next;

    /**
     * A deck of the indices below a count.
     *
     * @param random may be shared: decks that are drawn from in the same order give the same cards
     */
    Deck(int count, Random random) {
        this.random = random;
        cards = new ArrayList<>(IntStream.range(0, count).boxed().toList());
        next = count;
    }

    /** So many different or, at the turn of a round, perhaps equal indices; at most all. */
    List<Integer> draw(int count) {
        List<Integer> drawn = new ArrayList<>();
        while (drawn.size() < Math.min(count, cards.size())) {
            if (next == cards.size()) {
                Collections.shuffle(cards, random);
                next = 0;
            }
            drawn.add(cards.get(next++));
        }
        return drawn;
    }
}
