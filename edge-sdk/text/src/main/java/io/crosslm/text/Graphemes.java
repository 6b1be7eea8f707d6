package io.crosslm.text;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds where user-perceived characters end (extended grapheme clusters of UAX #29). Confined to
 * one thread.
 */
final class Graphemes {
    private static final Pattern CLUSTER = Pattern.compile("\\X");
    // Below it, no two code points but CR and LF belong together.
    private static final char FIRST_MARK = 0x300;

    private final String text;
    private final Matcher matcher;

    Graphemes(String text) {
        this.text = text;
        matcher = CLUSTER.matcher(text);
    }

    /** The end of the cluster that begins there. */
    int end(int from) {
        int next = from + 1;
        if (next == text.length()) {
            return next;
        }
        char first = text.charAt(from);
        char second = text.charAt(next);
        if (first < FIRST_MARK && second < FIRST_MARK) {
            return first == '\r' && second == '\n' ? next + 1 : next;
        }
        matcher.region(from, text.length());
        return matcher.lookingAt() ? matcher.end() : text.offsetByCodePoints(from, 1);
    }
}
