package io.crosslm.text;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How a text is cut into pieces before byte-pair merges; merges never cross a cut. */
public enum ByteLevelBpeSplit {
    /** GPT-2: words with their leading space, numbers, runs of other signs, white space. */
    GPT2(false),
    /** SmolLM: every numeral (Unicode N*) alone first, then as GPT-2. */
    SMOLLM(true);

    // Spelt out, because "\s" means ASCII on a JVM and Unicode on Android.
    private static final String SPACE =
            "\\t-\\r \\x{85}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}"
                    + "\\x{205f}\\x{3000}";

    private static final Pattern WORDS =
            Pattern.compile(
                    "'(?:[stmd]|re|ve|ll)| ?\\p{L}+| ?\\p{N}+| ?[^"
                            + SPACE
                            + "\\p{L}\\p{N}]+|["
                            + SPACE
                            + "]+(?![^"
                            + SPACE
                            + "])|["
                            + SPACE
                            + "]+");
    private static final Pattern NUMERAL = Pattern.compile("\\p{N}");

    private final boolean numeralsAlone;

    ByteLevelBpeSplit(boolean numeralsAlone) {
        this.numeralsAlone = numeralsAlone;
    }

    /** The pieces, in order; together they are the text. */
    List<String> pieces(String text) {
        List<String> pieces = new ArrayList<>();
        if (!numeralsAlone) {
            words(text, pieces);
            return pieces;
        }
        Matcher numeral = NUMERAL.matcher(text);
        int end = 0;
        while (numeral.find()) {
            words(text.substring(end, numeral.start()), pieces);
            pieces.add(numeral.group());
            end = numeral.end();
        }
        words(text.substring(end), pieces);
        return pieces;
    }

    private static void words(String text, List<String> pieces) {
        Matcher words = WORDS.matcher(text);
        while (words.find()) {
            pieces.add(words.group());
        }
    }
}
