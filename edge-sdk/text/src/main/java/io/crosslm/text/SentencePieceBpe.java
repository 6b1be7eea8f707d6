package io.crosslm.text;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Byte-pair encoding as SentencePiece does it, the tokenizer of Llama 2, Mistral and others (Kudo
 * and Richardson 2018): spaces become U+2581, code points are merged, and those without a token
 * become tokens of their bytes, or the unknown one. Immutable and thread-safe.
 */
public final class SentencePieceBpe implements Tokenizer {
    /** Stands for a space in tokens. */
    static final String SPACE = "\u2581";

    private final Map<String, Integer> ids;
    private final byte[][] bytes;
    private final boolean[] control;
    private final int[] idOfByte;
    private final ByteLevelBpeMerges merges;
    private final ControlText controlText;
    private final SentencePieceRules rules;

    private SentencePieceBpe(
            List<String> tokens,
            Map<String, Integer> ids,
            Set<Integer> controlTokens,
            Set<Integer> addedTokens,
            ByteLevelBpeMerges merges,
            SentencePieceRules rules) {
        this.ids = ids;
        this.merges = merges;
        this.rules = rules;
        idOfByte = new int[256];
        for (int b = 0; b < 256; b++) {
            String token = "<0x" + HEXADECIMAL[b >> 4] + HEXADECIMAL[b & 15] + ">";
            idOfByte[b] = rules.byteFallback() ? ids.getOrDefault(token, -1) : -1;
        }
        bytes = new byte[tokens.size()][];
        control = new boolean[tokens.size()];
        for (int id = 0; id < bytes.length; id++) {
            bytes[id] = tokens.get(id).replace(SPACE, " ").getBytes(StandardCharsets.UTF_8);
        }
        for (int b = 0; b < 256; b++) {
            if (idOfByte[b] >= 0) {
                bytes[idOfByte[b]] = new byte[] {(byte) b};
            }
        }
        controlTokens.forEach(id -> control[id] = true);
        Set<Integer> readable = new TreeSet<>(controlTokens);
        readable.addAll(addedTokens);
        controlText = new ControlText(tokens, readable);
    }

    private static final char[] HEXADECIMAL = "0123456789ABCDEF".toCharArray();

    /**
     * A tokenizer with a table of merges.
     *
     * @param tokens by id
     * @param merges pairs "left right" by rank
     * @param controlTokens ids of control tokens
     * @param addedTokens ids that are read like control tokens, yet are text when decoded
     * @throws TokenizerException if a table names a token that is not there
     */
    static SentencePieceBpe ofMerges(
            List<String> tokens,
            List<String> merges,
            Set<Integer> controlTokens,
            Set<Integer> addedTokens,
            SentencePieceRules rules) {
        Map<String, Integer> ids = ids(tokens, controlTokens, rules);
        addedTokens.forEach(id -> check(id, tokens));
        return new SentencePieceBpe(
                tokens, ids, controlTokens, addedTokens, ByteLevelBpe.merges(merges, ids), rules);
    }

    /**
     * A tokenizer with scores: of two neighbours that make a token, those whose token has the
     * highest score join first.
     *
     * @param tokens by id
     * @param scores by id
     * @param controlTokens ids of control tokens, which text never becomes
     * @param addedTokens ids that are read like control tokens, yet are text when decoded
     * @throws TokenizerException if a table names a token that is not there
     */
    public static SentencePieceBpe ofScores(
            List<String> tokens,
            float[] scores,
            Set<Integer> controlTokens,
            Set<Integer> addedTokens,
            SentencePieceRules rules) {
        if (scores.length != tokens.size()) {
            throw malformed(scores.length + " scores for " + tokens.size() + " tokens");
        }
        Map<String, Integer> ids = ids(tokens, controlTokens, rules);
        addedTokens.forEach(id -> check(id, tokens));
        List<int[]> pairs = new ArrayList<>();
        for (Map.Entry<String, Integer> entry : ids.entrySet()) {
            String token = entry.getKey();
            if (controlTokens.contains(entry.getValue()) || token.length() > MAXIMUM_TOKEN) {
                continue;
            }
            for (int cut = 1; cut < token.length(); cut++) {
                Integer left = ids.get(token.substring(0, cut));
                Integer right = ids.get(token.substring(cut));
                if (left != null && right != null) {
                    pairs.add(new int[] {left, right, entry.getValue()});
                }
            }
        }
        pairs.sort(
                (a, b) ->
                        scores[a[2]] != scores[b[2]]
                                ? Float.compare(scores[b[2]], scores[a[2]])
                                : Integer.compare(a[2], b[2]));
        int[] left = pairs.stream().mapToInt(pair -> pair[0]).toArray();
        int[] right = pairs.stream().mapToInt(pair -> pair[1]).toArray();
        int[] joined = pairs.stream().mapToInt(pair -> pair[2]).toArray();
        return new SentencePieceBpe(
                tokens,
                ids,
                controlTokens,
                addedTokens,
                new ByteLevelBpeMerges(left, right, joined),
                rules);
    }

    // SentencePiece's own limit is 16 code points; longer ones are somebody's added texts.
    private static final int MAXIMUM_TOKEN = 256;

    private static Map<String, Integer> ids(
            List<String> tokens, Set<Integer> controlTokens, SentencePieceRules rules) {
        Map<String, Integer> ids = new HashMap<>();
        for (int id = 0; id < tokens.size(); id++) {
            ids.putIfAbsent(tokens.get(id), id);
        }
        for (int id : controlTokens) {
            check(id, tokens);
        }
        for (int id : rules.beginTokens()) {
            check(id, tokens);
        }
        if (rules.unknownToken() >= tokens.size()) {
            throw malformed("the unknown token is not in the vocabulary");
        }
        return ids;
    }

    private static void check(int id, List<String> tokens) {
        if (id < 0 || id >= tokens.size() || tokens.get(id).isEmpty()) {
            throw malformed("control or begin token " + id + " is not in the vocabulary");
        }
    }

    @Override
    public int[] encode(String text, ControlTokens controlTokens) {
        IdList out = new IdList(text.length());
        controlText.cut(text, controlTokens, (part, first) -> encode(part, first, out), out);
        return out.toArray();
    }

    private void encode(String part, boolean first, IdList out) {
        String text = rules.prepared(part, first);
        if (!rules.splitAtSpaces()) {
            merge(text, out);
            return;
        }
        int start = 0;
        for (int next = text.indexOf(SPACE, 1); next >= 0; next = text.indexOf(SPACE, next + 1)) {
            merge(text.substring(start, next), out);
            start = next;
        }
        merge(text.substring(start), out);
    }

    private void merge(String text, IdList out) {
        int[] symbols = new int[4 * text.length()];
        int count = 0;
        boolean unknownBefore = false;
        for (int at = 0; at < text.length(); ) {
            int end = text.offsetByCodePoints(at, 1);
            String character = text.substring(at, end);
            at = end;
            Integer id = ids.get(character);
            boolean unknown = false;
            if (id != null) {
                symbols[count++] = id;
            } else if (hasBytes(character)) {
                for (byte b : character.getBytes(StandardCharsets.UTF_8)) {
                    symbols[count++] = idOfByte[b & 255];
                }
            } else if (rules.unknownToken() >= 0) {
                unknown = true;
                if (!unknownBefore || !rules.fuseUnknown()) {
                    symbols[count++] = rules.unknownToken();
                }
            }
            unknownBefore = unknown;
        }
        int merged = merges.merge(symbols, count);
        for (int i = 0; i < merged; i++) {
            out.add(symbols[i]);
        }
    }

    private boolean hasBytes(String character) {
        for (byte b : character.getBytes(StandardCharsets.UTF_8)) {
            if (idOfByte[b & 255] < 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String decode(int[] ids) {
        int length = 0;
        for (int id : ids) {
            length += control[id] ? 0 : bytes[id].length;
        }
        byte[] all = new byte[length];
        int end = 0;
        for (int id : ids) {
            if (!control[id]) {
                System.arraycopy(bytes[id], 0, all, end, bytes[id].length);
                end += bytes[id].length;
            }
        }
        boolean strip = rules.prepends() && startsText(ids) && length > 0 && all[0] == ' ';
        int from = strip ? 1 : 0;
        return new String(all, from, length - from, StandardCharsets.UTF_8);
    }

    private boolean startsText(int[] ids) {
        int[] begin = rules.beginTokens();
        for (int i = 0; i < begin.length; i++) {
            if (i >= ids.length || ids[i] != begin[i]) {
                return false;
            }
        }
        return begin.length > 0;
    }

    @Override
    public int[] beginTokens() {
        return rules.beginTokens();
    }

    @Override
    public int vocabularySize() {
        return bytes.length;
    }

    private static TokenizerException malformed(String what) {
        return new TokenizerException(
                TokenizerException.Code.MALFORMED, "The SentencePiece tokenizer: " + what);
    }
}
