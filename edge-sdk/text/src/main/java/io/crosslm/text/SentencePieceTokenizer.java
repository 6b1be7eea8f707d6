package io.crosslm.text;

/**
 * What SentencePiece's two kinds of models share: a part is cut into pieces by rules, characters
 * without a token become bytes, and ids are decoded alike. Immutable and thread-safe.
 */
abstract class SentencePieceTokenizer extends PartTokenizer {
    private final Vocabulary vocabulary;
    private final SentencePieceRules rules;
    private final SentencePieceBytes fallback;
    private final TokenBytes bytes;

    SentencePieceTokenizer(Vocabulary vocabulary, SentencePieceRules rules) {
        super(new AddedTokens(vocabulary.addedTokens(), rules.normaliser()));
        this.vocabulary = vocabulary;
        this.rules = rules;
        fallback = new SentencePieceBytes(vocabulary, rules.byteFallback());
        bytes = new TokenBytes(vocabulary, fallback::decode);
    }

    final Vocabulary vocabulary() {
        return vocabulary;
    }

    final SentencePieceRules rules() {
        return rules;
    }

    /** Tokens of bytes, for characters that have no other. */
    final SentencePieceBytes fallback() {
        return fallback;
    }

    @Override
    final void encodePart(String part, boolean first, IdList out) {
        for (String piece : rules.pieces(part, first)) {
            if (out.isFull()) {
                return;
            }
            encodePiece(piece, out);
        }
    }

    /** Adds the ids of a piece. */
    abstract void encodePiece(String piece, IdList out);

    @Override
    public String decode(int[] ids) {
        return bytes.decode(
                ids, rules.prepends() && TokenBytes.startsWith(ids, rules.beginTokens()));
    }

    @Override
    public int[] beginTokens() {
        return rules.beginTokens();
    }

    @Override
    public int vocabularySize() {
        return bytes.size();
    }
}
