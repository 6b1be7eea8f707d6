package io.crosslm.text;

import java.util.Arrays;

/**
 * SentencePiece's unigram model, the tokenizer of XLM-RoBERTa, multilingual E5, ALBERT and others
 * (Kudo 2018): of all ways to cut a piece into tokens, the one with the highest sum of scores, by
 * Viterbi's algorithm. A code point that is no token is unknown; unknown neighbours become one
 * unknown token, or the tokens of their bytes. Immutable and thread-safe.
 *
 * <p>Control tokens are never made of characters, so that text from outside cannot write them.
 */
final class Unigram extends SentencePieceTokenizer {
    // An unknown code point costs as much more than the least likely token.
    private static final double UNKNOWN_PENALTY = 10;

    private final PieceTrie trie = new PieceTrie();
    private final double[] scores;
    private final double unknownScore;

    /**
     * A tokenizer of these tables.
     *
     * @param scores natural logarithms of probabilities by id; added tokens may lack one
     * @throws TokenizerException if the rules name a token that is not there
     */
    Unigram(Vocabulary vocabulary, double[] scores, SentencePieceRules rules) {
        super(vocabulary, rules);
        vocabulary.check(rules.beginTokens(), "begin token");
        vocabulary.check(rules.unknownToken(), "the unknown token,");
        this.scores = scores.clone();
        double lowest = Double.POSITIVE_INFINITY;
        for (int id = 0; id < scores.length; id++) {
            lowest = Math.min(lowest, scores[id]);
            if (!vocabulary.isControl(id)) {
                trie.put(vocabulary.token(id), id);
            }
        }
        unknownScore = lowest - UNKNOWN_PENALTY;
    }

    @Override
    void encodePiece(String piece, IdList out) {
        int length = piece.length();
        double[] best = new double[length + 1]; // score of the best way to each position
        int[] from = new int[length + 1]; // where its last token begins
        int[] token = new int[length + 1]; // and which it is
        Arrays.fill(from, -1);
        for (int start = 0; start < length; ) {
            int single = start + Character.charCount(piece.codePointAt(start));
            boolean hasSingle = false;
            int node = 0;
            for (int end = start + 1; end <= length; end++) {
                node = trie.child(node, piece.charAt(end - 1));
                if (node < 0) {
                    break;
                }
                int id = trie.value(node);
                if (id >= 0) {
                    offer(best, from, token, start, end, id, scores[id]);
                    hasSingle |= end == single;
                }
            }
            if (!hasSingle) {
                offer(best, from, token, start, single, rules().unknownToken(), unknownScore);
            }
            start = single;
        }
        write(piece, from, token, out);
    }

    private static void offer(
            double[] best, int[] from, int[] token, int start, int end, int id, double score) {
        double sum = best[start] + score;
        if (from[end] < 0 || sum > best[end]) {
            best[end] = sum;
            from[end] = start;
            token[end] = id;
        }
    }

    private void write(String piece, int[] from, int[] token, IdList out) {
        int length = piece.length();
        int[] ends = new int[length];
        int count = 0;
        for (int end = length; end > 0; end = from[end]) {
            ends[count++] = end;
        }
        int unknown = rules().unknownToken();
        for (int i = count - 1; i >= 0; i--) {
            int id = token[ends[i]];
            if (id != unknown) {
                out.add(id);
                continue;
            }
            int start = from[ends[i]];
            while (i > 0 && token[ends[i - 1]] == unknown) {
                i--;
            }
            int[] byBytes = fallback().encode(piece.substring(start, ends[i]));
            if (byBytes.length == 0) {
                out.add(unknown);
            } else {
                out.addAll(byBytes, byBytes.length);
            }
        }
    }
}
