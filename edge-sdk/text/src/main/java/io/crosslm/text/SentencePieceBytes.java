package io.crosslm.text;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The tokens {@code <0x00>} to {@code <0xFF>}, for text that has no other token. Immutable. */
final class SentencePieceBytes {
    private static final String HEXADECIMAL = "0123456789ABCDEF";

    private final int[] ids = new int[256];

    /**
     * A table.
     *
     * @param used whether the model falls back on bytes
     */
    SentencePieceBytes(Vocabulary vocabulary, boolean used) {
        Arrays.fill(ids, -1);
        for (int b = 0; b < 256 && used; b++) {
            ids[b] =
                    vocabulary.id(
                            "<0x" + HEXADECIMAL.charAt(b >> 4) + HEXADECIMAL.charAt(b & 15) + ">");
        }
    }

    /** The ids of the text's bytes; none if one has no token. */
    int[] encode(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        int[] found = new int[utf8.length];
        for (int i = 0; i < utf8.length; i++) {
            found[i] = ids[utf8[i] & 255];
            if (found[i] < 0) {
                return new int[0];
            }
        }
        return found;
    }

    /** The byte or text that a token stands for, spaces put back. */
    byte[] decode(String token) {
        if (token.length() == 6 && token.startsWith("<0x") && token.endsWith(">")) {
            int high = HEXADECIMAL.indexOf(token.charAt(3));
            int low = HEXADECIMAL.indexOf(token.charAt(4));
            if (high >= 0 && low >= 0 && ids[16 * high + low] >= 0) {
                return new byte[] {(byte) (16 * high + low)};
            }
        }
        return token.replace(SentencePieceRules.SPACE, " ").getBytes(StandardCharsets.UTF_8);
    }
}
