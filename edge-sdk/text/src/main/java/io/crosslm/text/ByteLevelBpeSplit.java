package io.crosslm.text;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** How a text is cut into pieces before byte-pair merges; merges never cross a cut. */
public enum ByteLevelBpeSplit {
    /** GPT-2: words with their leading space, numbers, runs of other signs, white space. */
    GPT2(Expressions.GPT2, false),
    /** SmolLM: every numeral (Unicode N*) alone first, then as GPT-2. */
    SMOLLM(Expressions.GPT2, true),
    /** GPT-4 and Llama 3: a sign may lead a word, up to three numerals together. */
    LLAMA3(Expressions.beforeNumerals() + "{1,3}" + Expressions.AFTER_NUMERALS, false),
    /** Qwen2 and Qwen3: as Llama 3, but every numeral alone. */
    QWEN2(Expressions.beforeNumerals() + Expressions.AFTER_NUMERALS, false),
    /** Mistral's Tekken: words also end where small letters turn into capital ones. */
    TEKKEN(Expressions.TEKKEN, false);

    // Spelt out, because "\s" means ASCII on a JVM and Unicode on Android.
    private static final String SPACE =
            "\\t-\\r \\x{85}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}"
                    + "\\x{205f}\\x{3000}";
    private static final Pattern NUMERAL = Pattern.compile("\\p{N}");

    private final String expression;
    private final boolean numeralsAlone;
    private @Nullable volatile Pattern pattern;

    ByteLevelBpeSplit(String expression, boolean numeralsAlone) {
        this.expression = expression;
        this.numeralsAlone = numeralsAlone;
    }

    /** The split that a tokenizer.json writes as this regular expression, or null. */
    static @Nullable ByteLevelBpeSplit ofExpression(String expression) {
        for (ByteLevelBpeSplit split : values()) {
            if (!split.numeralsAlone && split.expression.equals(expression)) {
                return split;
            }
        }
        return null;
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

    private void words(String text, List<String> pieces) {
        Matcher words = pattern().matcher(text);
        while (words.find()) {
            pieces.add(words.group());
        }
    }

    private Pattern pattern() {
        Pattern compiled = pattern;
        if (compiled == null) {
            String portable =
                    expression
                            .replace("(?i:", "(?iu:")
                            .replace("[^\\s", "[^" + SPACE)
                            .replace("(?!\\S)", "(?![^" + SPACE + "])")
                            .replace("\\s", "[" + SPACE + "]");
            compiled = Pattern.compile(portable);
            pattern = compiled;
        }
        return compiled;
    }

    /** Regular expressions as tokenizer.json has them. */
    private static final class Expressions {
        static final String GPT2 =
                "'(?:[stmd]|re|ve|ll)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
        static final String AFTER_NUMERALS =
                "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
        private static final String UPPER = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
        private static final String LOWER = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
        private static final String LEADING = "[^\\r\\n\\p{L}\\p{N}]?";
        static final String TEKKEN =
                LEADING
                        + UPPER
                        + "*"
                        + LOWER
                        + "+|"
                        + LEADING
                        + UPPER
                        + "+"
                        + LOWER
                        + "*|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

        private Expressions() {}

        static String beforeNumerals() {
            return "(?i:'s|'t|'re|'ve|'m|'ll|'d)|" + LEADING + "\\p{L}+|\\p{N}";
        }
    }
}
