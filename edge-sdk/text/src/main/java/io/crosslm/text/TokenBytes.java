package io.crosslm.text;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;

/** What each id stands for in text: bytes, or nothing for control tokens. Immutable. */
final class TokenBytes {
    private final byte[][] bytes;

    /**
     * A table.
     *
     * @param toBytes of the tokens that were not added; those are UTF-8
     */
    TokenBytes(Vocabulary vocabulary, Function<String, byte[]> toBytes) {
        Set<Integer> added = new HashSet<>();
        vocabulary.addedTokens().forEach(token -> added.add(token.id()));
        bytes = new byte[vocabulary.size()][];
        for (int id = 0; id < bytes.length; id++) {
            String token = vocabulary.token(id);
            if (vocabulary.isControl(id)) {
                bytes[id] = new byte[0];
            } else {
                bytes[id] =
                        added.contains(id)
                                ? token.getBytes(StandardCharsets.UTF_8)
                                : toBytes.apply(token);
            }
        }
    }

    int size() {
        return bytes.length;
    }

    /**
     * Text of the ids; broken UTF-8 becomes U+FFFD.
     *
     * @param withoutSpace whether a space that it begins with is left out
     */
    String decode(int[] ids, boolean withoutSpace) {
        int length = 0;
        for (int id : ids) {
            length += bytes[id].length;
        }
        byte[] all = new byte[length];
        int end = 0;
        for (int id : ids) {
            System.arraycopy(bytes[id], 0, all, end, bytes[id].length);
            end += bytes[id].length;
        }
        int from = withoutSpace && length > 0 && all[0] == ' ' ? 1 : 0;
        return new String(all, from, length - from, StandardCharsets.UTF_8);
    }

    /** Whether the ids start with these, and these are any. */
    static boolean startsWith(int[] ids, int[] begin) {
        for (int i = 0; i < begin.length; i++) {
            if (i >= ids.length || ids[i] != begin[i]) {
                return false;
            }
        }
        return begin.length > 0;
    }
}
