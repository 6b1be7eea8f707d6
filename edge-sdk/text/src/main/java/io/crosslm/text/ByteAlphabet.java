package io.crosslm.text;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** GPT-2's alphabet, where every byte is one printable character. */
final class ByteAlphabet {
    private static final char[] CHARACTERS = characters();
    private static final short[] BYTES = bytes();

    private ByteAlphabet() {}

    static char character(int b) {
        return CHARACTERS[b & 255];
    }

    static String write(byte[] bytes) {
        char[] characters = new char[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            characters[i] = character(bytes[i]);
        }
        return new String(characters);
    }

    /** The bytes that a token writes; UTF-8 of one that is not in the alphabet. */
    static byte[] read(String token) {
        byte[] bytes = new byte[token.length()];
        for (int i = 0; i < bytes.length; i++) {
            char c = token.charAt(i);
            if (c >= BYTES.length || BYTES[c] < 0) {
                // A token that was added as plain text.
                return token.getBytes(StandardCharsets.UTF_8);
            }
            bytes[i] = (byte) BYTES[c];
        }
        return bytes;
    }

    /** Printable bytes stand for themselves, the others for U+0100 and following in order. */
    private static char[] characters() {
        char[] characters = new char[256];
        int other = 256;
        for (int b = 0; b < 256; b++) {
            boolean printable = b >= '!' && b <= '~' || b >= 0xa1 && b != 0xad;
            characters[b] = (char) (printable ? b : other++);
        }
        return characters;
    }

    private static short[] bytes() {
        short[] bytes = new short[512];
        Arrays.fill(bytes, (short) -1);
        for (short b = 0; b < 256; b++) {
            bytes[CHARACTERS[b]] = b;
        }
        return bytes;
    }
}
