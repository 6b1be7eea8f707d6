package io.crosslm.text;

/** What differs between SentencePiece-style tokenizers. Immutable. */
public final class SentencePieceRules {
    private final Prepend prepend;
    private final boolean splitAtSpaces;
    private final boolean byteFallback;
    private final boolean fuseUnknown;
    private final int unknownToken;
    private final int[] beginTokens;

    private SentencePieceRules(
            Prepend prepend,
            boolean splitAtSpaces,
            boolean byteFallback,
            boolean fuseUnknown,
            int unknownToken,
            int[] beginTokens) {
        this.prepend = prepend;
        this.splitAtSpaces = splitAtSpaces;
        this.byteFallback = byteFallback;
        this.fuseUnknown = fuseUnknown;
        this.unknownToken = unknownToken;
        this.beginTokens = beginTokens;
    }

    /**
     * Rules of Llama 2: bytes for unknown code points, a space before every part.
     *
     * @param unknownToken id for what has no token, or -1 to leave it out
     * @param beginTokens what {@link Tokenizer#beginTokens} gives
     */
    public static SentencePieceRules of(Prepend prepend, int unknownToken, int... beginTokens) {
        return new SentencePieceRules(
                prepend, false, true, true, unknownToken, beginTokens.clone());
    }

    SentencePieceRules withSplitAtSpaces(boolean split) {
        return new SentencePieceRules(
                prepend, split, byteFallback, fuseUnknown, unknownToken, beginTokens);
    }

    SentencePieceRules withUnknowns(boolean byBytes, boolean fused) {
        return new SentencePieceRules(
                prepend, splitAtSpaces, byBytes, fused, unknownToken, beginTokens);
    }

    /** Spaces replaced, and one before the text where the rules say so. */
    String prepared(String part, boolean first) {
        String text = part.replace(" ", SentencePieceBpe.SPACE);
        boolean wanted;
        switch (prepend) {
            case EACH_PART:
                wanted = true;
                break;
            case EACH_PART_WITHOUT:
                wanted = !text.startsWith(SentencePieceBpe.SPACE);
                break;
            case FIRST_PART_WITHOUT:
                wanted = first && !text.startsWith(SentencePieceBpe.SPACE);
                break;
            default:
                wanted = false;
        }
        return wanted ? SentencePieceBpe.SPACE + text : text;
    }

    boolean prepends() {
        return prepend != Prepend.NEVER;
    }

    boolean splitAtSpaces() {
        return splitAtSpaces;
    }

    boolean byteFallback() {
        return byteFallback;
    }

    boolean fuseUnknown() {
        return fuseUnknown;
    }

    int unknownToken() {
        return unknownToken;
    }

    int[] beginTokens() {
        return beginTokens.clone();
    }

    /** Where a space is put before text; parts lie between control tokens. */
    public enum Prepend {
        /** Before each part. */
        EACH_PART,
        /** Before each part that does not begin with a space. */
        EACH_PART_WITHOUT,
        /** Before the text if it begins neither with a space nor with a control token. */
        FIRST_PART_WITHOUT,
        /** Nowhere. */
        NEVER
    }
}
