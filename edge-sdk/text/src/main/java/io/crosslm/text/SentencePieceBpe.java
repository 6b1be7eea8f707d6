package io.crosslm.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Byte-pair encoding as SentencePiece does it, the tokenizer of Llama 2, Mistral and others (Kudo
 * and Richardson 2018): spaces become U+2581, code points are merged, and those without a token
 * become tokens of their bytes, or the unknown one. Immutable and thread-safe.
 */
public final class SentencePieceBpe extends SentencePieceTokenizer {
    // SentencePiece's own limit is 16 code points; longer ones are somebody's added texts.
    private static final int MAXIMUM_TOKEN = 256;

    private final BpeMerges merges;

    private SentencePieceBpe(Vocabulary vocabulary, BpeMerges merges, SentencePieceRules rules) {
        super(vocabulary, rules);
        this.merges = merges;
    }

    /**
     * A tokenizer with a table of merges.
     *
     * @param merges pairs "left right" by rank
     * @throws TokenizerException if a table names a token that is not there
     */
    static SentencePieceBpe ofMerges(
            Vocabulary vocabulary, List<String> merges, SentencePieceRules rules) {
        check(vocabulary, rules);
        return new SentencePieceBpe(vocabulary, BpeMerges.of(merges, vocabulary.ids()), rules);
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
            throw new TokenizerException(
                    TokenizerException.Code.MALFORMED,
                    "The SentencePiece tokenizer: "
                            + scores.length
                            + " scores for "
                            + tokens.size()
                            + " tokens");
        }
        Vocabulary vocabulary = Vocabulary.of(tokens, controlTokens, addedTokens);
        check(vocabulary, rules);
        return new SentencePieceBpe(vocabulary, merges(vocabulary, scores), rules);
    }

    private static BpeMerges merges(Vocabulary vocabulary, float[] scores) {
        List<int[]> pairs = new ArrayList<>();
        for (Map.Entry<String, Integer> entry : vocabulary.ids().entrySet()) {
            String token = entry.getKey();
            if (vocabulary.isControl(entry.getValue()) || token.length() > MAXIMUM_TOKEN) {
                continue;
            }
            for (int cut = 1; cut < token.length(); cut++) {
                int left = vocabulary.id(token.substring(0, cut));
                int right = vocabulary.id(token.substring(cut));
                if (left >= 0 && right >= 0) {
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
        return new BpeMerges(left, right, joined);
    }

    private static void check(Vocabulary vocabulary, SentencePieceRules rules) {
        vocabulary.check(rules.beginTokens(), "begin token");
        if (rules.unknownToken() >= 0) {
            vocabulary.check(rules.unknownToken(), "the unknown token,");
        }
    }

    @Override
    void encodePiece(String piece, IdList out) {
        int[] symbols = new int[4 * piece.length()];
        int count = 0;
        boolean unknownBefore = false;
        for (int at = 0; at < piece.length(); ) {
            int end = piece.offsetByCodePoints(at, 1);
            String character = piece.substring(at, end);
            at = end;
            int id = vocabulary().id(character);
            boolean unknown = false;
            if (id >= 0) {
                symbols[count++] = id;
            } else {
                int[] byBytes = fallback().encode(character);
                for (int b : byBytes) {
                    symbols[count++] = b;
                }
                unknown = byBytes.length == 0 && rules().unknownToken() >= 0;
                if (unknown && (!unknownBefore || !rules().fuseUnknown())) {
                    symbols[count++] = rules().unknownToken();
                }
            }
            unknownBefore = unknown;
        }
        out.addAll(symbols, merges.merge(symbols, count));
    }
}
