package io.crosslm.text;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;

/**
 * BERT's basic tokenisation: cleans a text code point by code point, and cuts a clean one into
 * words and single punctuation marks. Immutable.
 *
 * <p>Categories are those of the running Java or Android. Python's tokenizers have older tables: a
 * sign that came to Unicode after version 8, such as U+09FD or U+09FE, may be cut in another way.
 */
final class BertNormaliser implements Normaliser {
    private final boolean cleanText;
    private final boolean spaceChinese;
    private final boolean stripAccents;
    private final boolean lowerCase;

    BertNormaliser(
            boolean cleanText, boolean spaceChinese, boolean stripAccents, boolean lowerCase) {
        this.cleanText = cleanText;
        this.spaceChinese = spaceChinese;
        this.stripAccents = stripAccents;
        this.lowerCase = lowerCase;
    }

    @Override
    public String normalise(String text) {
        String normal = clean(text);
        if (stripAccents) {
            normal = withoutAccents(normal);
        }
        if (!lowerCase) {
            return normal;
        }
        StringBuilder lower = new StringBuilder(normal.length());
        for (int i = 0; i < normal.length(); ) {
            int c = normal.codePointAt(i);
            i += Character.charCount(c);
            UnicodeText.appendLowerCase(c, lower);
        }
        return lower.toString();
    }

    /** Words of a normalised text in order, none empty; a punctuation mark is one of its own. */
    static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            int next = i + Character.charCount(c);
            boolean mark = isPunctuation(c);
            if (mark || UnicodeText.isSpace(c)) {
                if (i > start) {
                    words.add(text.substring(start, i));
                }
                if (mark) {
                    words.add(text.substring(i, next));
                }
                start = next;
            }
            i = next;
        }
        if (start < text.length()) {
            words.add(text.substring(start));
        }
        return words;
    }

    private String clean(String text) {
        StringBuilder result = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            if (cleanText && isDeleted(c)) {
                continue;
            }
            if (spaceChinese && isChinese(c)) {
                result.append(' ').appendCodePoint(c).append(' ');
            } else if (cleanText && UnicodeText.isSpace(c)) {
                result.append(' ');
            } else {
                result.appendCodePoint(c);
            }
        }
        return result.toString();
    }

    private static String withoutAccents(String text) {
        String decomposed = Normalizer.normalize(text, Normalizer.Form.NFD);
        StringBuilder result = new StringBuilder(decomposed.length());
        for (int i = 0; i < decomposed.length(); ) {
            int c = decomposed.codePointAt(i);
            i += Character.charCount(c);
            if (Character.getType(c) != Character.NON_SPACING_MARK) {
                result.appendCodePoint(c);
            }
        }
        return result.toString();
    }

    private static boolean isDeleted(int c) {
        if (c == '\t' || c == '\n' || c == '\r') {
            return false;
        }
        int type = Character.getType(c);
        // Half a surrogate pair is not a character: it goes the way of the replacement character.
        return c == 0xFFFD
                || type == Character.CONTROL
                || type == Character.FORMAT
                || type == Character.PRIVATE_USE
                || type == Character.SURROGATE;
    }

    private static boolean isPunctuation(int c) {
        if (c < 128) {
            return c > ' ' && c < 127 && !Character.isLetterOrDigit(c);
        }
        switch (Character.getType(c)) {
            case Character.CONNECTOR_PUNCTUATION:
            case Character.DASH_PUNCTUATION:
            case Character.START_PUNCTUATION:
            case Character.END_PUNCTUATION:
            case Character.INITIAL_QUOTE_PUNCTUATION:
            case Character.FINAL_QUOTE_PUNCTUATION:
            case Character.OTHER_PUNCTUATION:
                return true;
            default:
                return false;
        }
    }

    private static boolean isChinese(int c) {
        return (c >= 0x4E00 && c <= 0x9FFF)
                || (c >= 0x3400 && c <= 0x4DBF)
                || (c >= 0x20000 && c <= 0x2A6DF)
                || (c >= 0x2A700 && c <= 0x2B73F)
                || (c >= 0x2B740 && c <= 0x2B81F)
                || (c >= 0x2B920 && c <= 0x2CEAF)
                || (c >= 0xF900 && c <= 0xFAFF)
                || (c >= 0x2F800 && c <= 0x2FA1F);
    }
}
