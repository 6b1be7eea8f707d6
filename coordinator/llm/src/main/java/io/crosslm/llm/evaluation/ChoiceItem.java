package io.crosslm.llm.evaluation;

import io.crosslm.llm.LikelihoodScorer.Continuation;
import java.util.List;

/**
 * A question with its choices.
 *
 * @param choices context and continuation each; a continuation begins with a space
 * @param gold index of the right one
 */
public record ChoiceItem(List<Continuation> choices, int gold) {
    public ChoiceItem {
        choices = List.copyOf(choices);
        if (gold < 0 || gold >= choices.size()) {
            throw new IllegalStateException(
                    "gold must be below " + choices.size() + " but is " + gold);
        }
    }

    /** Characters of a choice without its first space, counted as Unicode code points. */
    int length(int choice) {
        String text = choices.get(choice).continuation();
        return text.codePointCount(1, text.length());
    }
}
