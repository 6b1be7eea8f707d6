package io.crosslm.llm;

import java.util.List;

/**
 * A classification context that a label word follows, and what the label should be.
 *
 * @param context text up to the label word
 * @param softLabel probability of each label; sums to 1
 */
public record LabelExample(String context, List<Double> softLabel) {
    public LabelExample {
        softLabel = List.copyOf(softLabel);
    }
}
