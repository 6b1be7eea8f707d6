package io.crosslm.llm.torch;

import io.crosslm.llm.Completion;
import io.crosslm.llm.Completion.Finish;
import io.crosslm.text.Tokenizer;
import java.util.Arrays;
import java.util.List;

/** Says where a row of drawn tokens ends and what its text is. */
final class StopRule {
    private static final char REPLACEMENT = '\ufffd';

    private final Tokenizer tokenizer;
    private final boolean[] endTokens;
    private final boolean[] lastTokens;
    private final List<String> stops;

    /**
     * A rule.
     *
     * @param tokenTexts text of every token
     * @param endTokens ids that end a text and are not part of it
     * @param stops a text ends before the first of them
     */
    StopRule(
            Tokenizer tokenizer, String[] tokenTexts, List<Integer> endTokens, List<String> stops) {
        this.tokenizer = tokenizer;
        this.stops = stops;
        this.endTokens = new boolean[tokenTexts.length];
        for (int id : endTokens) {
            this.endTokens[id] = true;
        }
        lastTokens = this.endTokens.clone();
        for (int id = 0; id < tokenTexts.length; id++) {
            lastTokens[id] |= stopIn(tokenTexts[id]) >= 0;
        }
    }

    /** For every id whether a row certainly ends with it; longer stops are found in the text. */
    boolean[] lastTokens() {
        return lastTokens.clone();
    }

    /** For every id whether it ends a text and is not part of it. */
    boolean[] endTokens() {
        return endTokens.clone();
    }

    /**
     * The part of a row's text that stays as it is whatever comes: without a character that is not
     * complete and without what may become a stop.
     */
    String settledText(int[] tokens, int count) {
        String text = text(tokens, count);
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == REPLACEMENT) {
            end--;
        }
        for (String stop : stops) {
            int most = Math.min(end, stop.length() - 1);
            for (int length = most; length > 0; length--) {
                if (text.startsWith(stop.substring(0, length), end - length)) {
                    end -= length;
                    break;
                }
            }
        }
        return text.substring(0, end);
    }

    /** Tokens of the row that count: up to its end token or the one that completes a stop. */
    Ending ending(int[] tokens, int count) {
        int end = count;
        Finish finish = Finish.LENGTH;
        for (int i = 0; i < count; i++) {
            if (endTokens[tokens[i]]) {
                end = i + 1;
                finish = Finish.END_TOKEN;
                break;
            }
        }
        int textTokens = finish == Finish.END_TOKEN ? end - 1 : end;
        if (!stops.isEmpty() && stopIn(text(tokens, textTokens)) >= 0) {
            int first = 1;
            while (stopIn(text(tokens, first)) < 0) {
                first++;
            }
            return new Ending(first, first, Finish.STOP);
        }
        return new Ending(end, textTokens, finish);
    }

    Completion completion(int prompt, int[] tokens, Ending ending) {
        String text = text(tokens, ending.textTokens);
        int stop = stopIn(text);
        return new Completion(
                prompt, stop < 0 ? text : text.substring(0, stop), ending.tokens, ending.finish);
    }

    private String text(int[] tokens, int count) {
        return tokenizer.decode(Arrays.copyOf(tokens, count));
    }

    private int stopIn(String text) {
        int first = -1;
        for (String stop : stops) {
            int at = text.indexOf(stop);
            first = at >= 0 && (first < 0 || at < first) ? at : first;
        }
        return first;
    }

    /** Where a row ends: tokens drawn in all, those of them that are text, and why. */
    record Ending(int tokens, int textTokens, Finish finish) {}
}
