package io.crosslm.text;

/** Classes of code points as tokenizers know them, on every JVM and Android version the same. */
final class UnicodeText {
    private static final char REPLACEMENT = '\ufffd';

    private UnicodeText() {}

    /** Unicode's White_Space. */
    static boolean isSpace(int c) {
        if (c < 0x80) {
            return c == ' ' || (c >= 9 && c <= 13);
        }
        return c == 0x85
                || c == 0xA0
                || c == 0x1680
                || (c >= 0x2000 && c <= 0x200A)
                || c == 0x2028
                || c == 0x2029
                || c == 0x202F
                || c == 0x205F
                || c == 0x3000;
    }

    /** What a regular expression's {@code \w} matches in Unicode (UTS #18, annex C). */
    static boolean isWord(int c) {
        return Character.isAlphabetic(c)
                || isMark(c)
                || Character.getType(c) == Character.DECIMAL_DIGIT_NUMBER
                || Character.getType(c) == Character.CONNECTOR_PUNCTUATION
                || c == 0x200C
                || c == 0x200D;
    }

    /** A combining mark of any kind. */
    static boolean isMark(int c) {
        int type = Character.getType(c);
        return type == Character.NON_SPACING_MARK
                || type == Character.COMBINING_SPACING_MARK
                || type == Character.ENCLOSING_MARK;
    }

    /** Lower case of one code point, whatever stands beside it. */
    static void appendLowerCase(int c, StringBuilder out) {
        if (c == 0x130) {
            // The one code point whose lower case is two.
            out.append("i\u0307");
        } else {
            out.appendCodePoint(Character.toLowerCase(c));
        }
    }

    /** The text with U+FFFD for every half of a surrogate pair that stands alone. */
    static String withoutHalfPairs(String text) {
        int first = halfPair(text, 0);
        if (first < 0) {
            return text;
        }
        StringBuilder sound = new StringBuilder(text);
        for (int at = first; at >= 0; at = halfPair(text, at + 1)) {
            sound.setCharAt(at, REPLACEMENT);
        }
        return sound.toString();
    }

    private static int halfPair(String text, int from) {
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!Character.isSurrogate(c)) {
                continue;
            }
            if (Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else {
                return i;
            }
        }
        return -1;
    }
}
