package io.crosslm.llm.chat;

/** Text as Python sees it: its white space, its code points. */
final class Strings {
    private Strings() {}

    static boolean isSpace(int c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == 0x85;
    }

    static int leftSpaces(String text) {
        int index = 0;
        while (index < text.length() && isSpace(text.charAt(index))) {
            index++;
        }
        return index;
    }

    static String stripLeft(String text) {
        return text.substring(leftSpaces(text));
    }

    static String stripRight(String text) {
        int end = text.length();
        while (end > 0 && isSpace(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(0, end);
    }

    static String strip(String text) {
        return stripLeft(stripRight(text));
    }
}
