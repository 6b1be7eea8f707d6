package io.crosslm.text;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The character map of a SentencePiece model: a double-array trie (Darts-clone's layout, as
 * SentencePiece's normalizer.cc writes it) from UTF-8 to positions in a text of replacements, each
 * with a zero byte behind it. Immutable and thread-safe.
 *
 * <p>It is applied as Python's tokenizers do it: whole grapheme clusters of at most five bytes
 * first, then code points; of several keys that begin there, the shortest counts.
 */
final class PrecompiledCharacters implements Normaliser {
    private static final int MAXIMUM_BYTES = 1 << 24;
    private static final int MAXIMUM_CLUSTER_BYTES = 5;
    private static final int ASCII = 0x80;

    private final int[] units;
    private final byte[] replacements;
    private final @Nullable String[] ascii = new @Nullable String[ASCII];

    /**
     * Reads a map: the trie's size in bytes as 32 bits, the trie, the replacements.
     *
     * @throws TokenizerException if the sizes do not fit
     */
    PrecompiledCharacters(byte[] map) {
        ByteBuffer buffer = ByteBuffer.wrap(map).order(ByteOrder.LITTLE_ENDIAN);
        int size = map.length < Integer.BYTES ? -1 : buffer.getInt();
        if (map.length > MAXIMUM_BYTES || size < 4 || size % 4 != 0 || size > buffer.remaining()) {
            throw new TokenizerException(
                    TokenizerException.Code.MALFORMED,
                    "tokenizer.json: normalizer Precompiled has a charsmap of "
                            + map.length
                            + " bytes with a trie of "
                            + size);
        }
        units = new int[size / 4];
        buffer.asIntBuffer().get(units);
        replacements = Arrays.copyOfRange(map, Integer.BYTES + size, map.length);
        for (char c = 0; c < ASCII; c++) {
            ascii[c] = replacement(String.valueOf(c), 0, 1);
        }
    }

    @Override
    public String normalise(String text) {
        StringBuilder out = new StringBuilder(text.length() + 8);
        Graphemes graphemes = new Graphemes(text);
        for (int at = 0; at < text.length(); ) {
            int end = graphemes.end(at);
            String whole = null;
            if (end - at == 1 && text.charAt(at) < ASCII) {
                whole = ascii[text.charAt(at)];
            } else if (byteCount(text, at, end) <= MAXIMUM_CLUSTER_BYTES) {
                whole = replacement(text, at, end);
            }
            if (whole != null) {
                out.append(whole);
            } else {
                codePoints(text, at, end, out);
            }
            at = end;
        }
        return out.toString();
    }

    private void codePoints(String text, int from, int end, StringBuilder out) {
        for (int at = from; at < end; ) {
            int next = at + Character.charCount(text.codePointAt(at));
            String one = replacement(text, at, next);
            if (one == null) {
                out.append(text, at, next);
            } else {
                out.append(one);
            }
            at = next;
        }
    }

    /** What stands for the shortest key that this part begins with, or null. */
    private @Nullable String replacement(String text, int from, int end) {
        int node = offset(units[0]);
        for (int at = from; at < end; ) {
            int c = text.codePointAt(at);
            at += Character.charCount(c);
            int count = byteCount(c);
            for (int i = 0; i < count; i++) {
                int label = utf8(c, count, i);
                node ^= label;
                if (label == 0 || node < 0 || node >= units.length || label(units[node]) != label) {
                    return null;
                }
                int unit = units[node];
                node ^= offset(unit);
                if (((unit >>> 8) & 1) == 1) {
                    return node < 0 || node >= units.length ? null : text(units[node]);
                }
            }
        }
        return null;
    }

    private @Nullable String text(int unit) {
        int from = unit & Integer.MAX_VALUE;
        if (from > replacements.length) {
            return null;
        }
        int end = from;
        while (end < replacements.length && replacements[end] != 0) {
            end++;
        }
        return new String(replacements, from, end - from, StandardCharsets.UTF_8);
    }

    private static int label(int unit) {
        return unit & 0x800000FF;
    }

    private static int offset(int unit) {
        return (unit >>> 10) << ((unit & (1 << 9)) >>> 6);
    }

    private static int byteCount(String text, int from, int end) {
        int count = 0;
        for (int at = from; at < end && count <= MAXIMUM_CLUSTER_BYTES; ) {
            int c = text.codePointAt(at);
            at += Character.charCount(c);
            count += byteCount(c);
        }
        return count;
    }

    private static int byteCount(int c) {
        if (c < 0x80) {
            return 1;
        }
        return c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    }

    /** Byte i of the code point's UTF-8. */
    private static int utf8(int c, int count, int i) {
        if (count == 1) {
            return c;
        }
        int bits = c >>> (6 * (count - 1 - i));
        return i == 0 ? ((0xF00 >>> count) & 0xFF) | bits : 0x80 | (bits & 0x3F);
    }
}
