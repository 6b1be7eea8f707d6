package io.crosslm.text;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;

/**
 * BERT's basic tokenisation: cleans a text code point by code point and cuts it into words and
 * single punctuation marks. Immutable.
 */
final class BertNormaliser {
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

    /** Words in order, none empty; a punctuation mark is a word of its own. */
    List<String> words(String text) {
        String normal = clean(text);
        if (stripAccents) {
            normal = withoutAccents(normal);
        }
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        for (int i = 0; i < normal.length(); ) {
            int c = normal.codePointAt(i);
            i += Character.charCount(c);
            if (isSpace(c)) {
                end(word, words);
            } else if (isPunctuation(c)) {
                end(word, words);
                word.appendCodePoint(c);
                end(word, words);
            } else {
                // One code point becomes one: String.toLowerCase would look at the neighbours.
                word.appendCodePoint(lowerCase ? Character.toLowerCase(c) : c);
            }
        }
        end(word, words);
        return words;
    }

    private static void end(StringBuilder word, List<String> words) {
        if (word.length() > 0) {
            words.add(word.toString());
            word.setLength(0);
        }
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
            } else if (cleanText && isSpace(c)) {
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

    private static boolean isSpace(int c) {
        return (c >= 9 && c <= 13)
                || c == ' '
                || c == 0x85
                || c == 0xA0
                || c == 0x1680
                || (c >= 0x2000 && c <= 0x200A)
                || c == 0x2028
                || c == 0x2029
                || c == 0x202F
                || c == 0x205F
                || c == 0x3000;
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
