package io.crosslm.text;

/**
 * BERT's tokenizer: the text is cleaned and cut into words, each word into the longest pieces that
 * the vocabulary has, from the left. Immutable and thread-safe.
 *
 * <p>Read one with {@link TokenizerJson#readEncoder} or {@link WordPieceJson}.
 */
public final class WordPiece extends PartTokenizer implements EncoderTokenizer {
    private final PieceTrie startingPieces = new PieceTrie();
    private final PieceTrie continuingPieces = new PieceTrie();
    private final Vocabulary vocabulary;
    private final String continuation;
    private final int unknown;
    private final int maximumWordLength;
    private final Frame frame;
    private final int paddingToken;

    WordPiece(Parts parts) {
        super(new AddedTokens(parts.vocabulary.addedTokens(), parts.normaliser));
        vocabulary = parts.vocabulary;
        continuation = parts.continuation;
        unknown = parts.unknown;
        maximumWordLength = parts.maximumWordLength;
        frame = parts.frame;
        paddingToken = parts.paddingToken;
        for (int id = 0; id < vocabulary.size(); id++) {
            String token = vocabulary.token(id);
            if (vocabulary.isControl(id)) {
                // Text from outside never becomes one, not even where it is a word like any other.
                continue;
            }
            if (token.startsWith(continuation)) {
                continuingPieces.put(token.substring(continuation.length()), id);
            }
            startingPieces.put(token, id);
        }
    }

    @Override
    public int[] encodeFramed(String text, ControlTokens controlTokens, int maxTokens) {
        return frame.encode(this, text, controlTokens, maxTokens);
    }

    @Override
    public String decode(int[] ids) {
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            String token = vocabulary.token(id);
            if (vocabulary.isControl(id)) {
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
    public int[] beginTokens() {
        return frame.begin();
    }

    @Override
    public int paddingToken() {
        return paddingToken;
    }

    @Override
    public int vocabularySize() {
        return vocabulary.size();
    }

    @Override
    void encodePart(String part, boolean first, IdList out) {
        for (String word : BertNormaliser.words(part)) {
            if (out.isFull()) {
                return;
            }
            encode(word, out);
        }
    }

    private void encode(String word, IdList out) {
        int length = word.length();
        if (length > maximumWordLength && word.codePointCount(0, length) > maximumWordLength) {
            out.add(unknown);
            return;
        }
        int[] pieces = new int[length];
        int count = 0;
        for (int start = 0; start < length; ) {
            PieceTrie known = start == 0 ? startingPieces : continuingPieces;
            int end = known.longestEnd(word, start);
            if (end <= start) {
                // One unknown piece makes the whole word unknown.
                out.add(unknown);
                return;
            }
            pieces[count++] = known.value(word, start, end);
            start = end;
        }
        out.addAll(pieces, count);
    }

    /**
     * What a WordPiece is made of.
     *
     * @param unknown the id of words that cannot be made of pieces
     * @param maximumWordLength code points; a longer word is unknown
     */
    record Parts(
            Vocabulary vocabulary,
            Normaliser normaliser,
            String continuation,
            int unknown,
            int maximumWordLength,
            Frame frame,
            int paddingToken) {}
}
