package io.crosslm.text;

import io.crosslm.text.AddedTokens.Reading;
import io.crosslm.text.Tokenizer.ControlTokens;

/** What stands before and after every text that an encoder is given. Immutable. */
final class Frame {
    private final int[] begin;
    private final int[] end;

    Frame(int[] begin, int[] end) {
        this.begin = begin.clone();
        this.end = end.clone();
    }

    int[] begin() {
        return begin.clone();
    }

    int[] end() {
        return end.clone();
    }

    /** This frame, and another around it. */
    Frame within(Frame outer) {
        return new Frame(joined(outer.begin, begin), joined(end, outer.end));
    }

    private static int[] joined(int[] left, int[] right) {
        IdList all = new IdList(0);
        all.addAll(left, left.length);
        all.addAll(right, right.length);
        return all.toArray();
    }

    int[] encode(PartTokenizer tokenizer, String text, ControlTokens mode, int maxTokens) {
        if (maxTokens < begin.length + end.length) {
            throw new IllegalArgumentException(
                    "maxTokens must be "
                            + (begin.length + end.length)
                            + " or more but is "
                            + maxTokens);
        }
        IdList ids = new IdList(text.length(), maxTokens - end.length);
        ids.addAll(begin, begin.length);
        tokenizer.encode(text, Reading.trained(mode), ids);
        return joined(ids.toArray(), end);
    }
}
