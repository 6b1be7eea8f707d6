package io.crosslm.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * BERT's tokenizer: the text is cleaned and cut into words, each word into the longest pieces that
 * the vocabulary has, from the left. Immutable and thread-safe.
 *
 * <p>Read one with {@link WordPieceJson}.
 */
public final class WordPiece implements Tokenizer {
    private final BertNormaliser normaliser;
    private final Map<String, Integer> startingPieces = new HashMap<>();
    private final Map<String, Integer> continuingPieces = new HashMap<>();
    private final String[] tokens;
    private final String continuation;
    private final Map<String, Integer> controlTokens;
    private final int unknown;
    private final int first;
    private final int last;
    private final int longestPiece;
    private final int maximumWordLength;

    WordPiece(WordPieceJson.Parts parts) {
        normaliser = parts.normaliser;
        tokens = parts.tokens;
        continuation = parts.continuation;
        controlTokens = parts.controlTokens;
        unknown = parts.unknown;
        first = parts.first;
        last = parts.last;
        maximumWordLength = parts.maximumWordLength;
        int longest = 0;
        for (int id = 0; id < tokens.length; id++) {
            boolean continuing = tokens[id].startsWith(continuation);
            String piece = continuing ? tokens[id].substring(continuation.length()) : tokens[id];
            (continuing ? continuingPieces : startingPieces).put(piece, id);
            longest = Math.max(longest, tokens[id].length());
        }
        longestPiece = longest;
    }

    @Override
    public int[] encode(String text, ControlTokens controlTokens) {
        Ids ids = new Ids(Integer.MAX_VALUE);
        append(text, controlTokens, ids);
        return ids.toArray();
    }

    /**
     * Ids of the text between the begin token ([CLS]) and the end token ([SEP]).
     *
     * @param maxTokens of the result, begin and end token among them; the text's end is cut off
     */
    public int[] encodeFramed(String text, ControlTokens controlTokens, int maxTokens) {
        if (maxTokens < 2) {
            throw new IllegalArgumentException("maxTokens must be 2 or more but is " + maxTokens);
        }
        Ids ids = new Ids(maxTokens - 1);
        ids.add(first);
        append(text, controlTokens, ids);
        int[] framed = Arrays.copyOf(ids.toArray(), ids.size + 1);
        framed[ids.size] = last;
        return framed;
    }

    @Override
    public String decode(int[] ids) {
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            String token = tokens[id];
            if (controlTokens.containsKey(token)) {
                continue;
            }
            if (token.startsWith(continuation)) {
                text.append(token, continuation.length(), token.length());
            } else {
                text.append(text.length() == 0 ? "" : " ").append(token);
            }
        }
        return text.toString();
    }

    @Override
    public int vocabularySize() {
        return tokens.length;
    }

    private void append(String text, ControlTokens reading, Ids ids) {
        if (reading == ControlTokens.AS_TEXT) {
            appendWords(text, ids);
            return;
        }
        int start = 0;
        for (int i = 0; i < text.length(); ) {
            String control = controlTokenAt(text, i);
            if (control.isEmpty()) {
                i++;
                continue;
            }
            appendWords(text.substring(start, i), ids);
            ids.add(controlTokens.getOrDefault(control, unknown));
            i += control.length();
            start = i;
        }
        appendWords(text.substring(start), ids);
    }

    /** The longest control token that begins there; empty if none does. */
    private String controlTokenAt(String text, int index) {
        String longest = "";
        for (String token : controlTokens.keySet()) {
            if (token.length() > longest.length() && text.startsWith(token, index)) {
                longest = token;
            }
        }
        return longest;
    }

    private void appendWords(String text, Ids ids) {
        for (String word : normaliser.words(text)) {
            if (ids.isFull()) {
                return;
            }
            appendPieces(word, ids);
        }
    }

    private void appendPieces(String word, Ids ids) {
        if (word.codePointCount(0, word.length()) > maximumWordLength) {
            ids.add(unknown);
            return;
        }
        List<Integer> pieces = new ArrayList<>();
        for (int start = 0; start < word.length(); ) {
            Map<String, Integer> known = start == 0 ? startingPieces : continuingPieces;
            int end = Math.min(word.length(), start + longestPiece);
            Integer id = known.get(word.substring(start, end));
            while (id == null && end > start + 1) {
                end--;
                id = known.get(word.substring(start, end));
            }
            if (id == null) {
                // One unknown piece makes the whole word unknown.
                ids.add(unknown);
                return;
            }
            pieces.add(id);
            start = end;
        }
        for (int id : pieces) {
            ids.add(id);
        }
    }

    /** Grows up to a limit and ignores what comes after. */
    private static final class Ids {
        private final int limit;
        private int[] values = new int[32];
        private int size;

        Ids(int limit) {
            this.limit = limit;
        }

        boolean isFull() {
            return size == limit;
        }

        void add(int id) {
            if (isFull()) {
                return;
            }
            if (size == values.length) {
                values = Arrays.copyOf(values, 2 * size);
            }
            values[size++] = id;
        }

        int[] toArray() {
            return Arrays.copyOf(values, size);
        }
    }
}
