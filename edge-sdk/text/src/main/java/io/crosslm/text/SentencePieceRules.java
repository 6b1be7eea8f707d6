package io.crosslm.text;

import java.util.ArrayList;
import java.util.List;

/** What differs between SentencePiece-style tokenizers. Immutable. */
public final class SentencePieceRules {
    /** Stands for a space in tokens. */
    static final String SPACE = "\u2581";

    private final Prepend prepend;
    private final Cuts cuts;
    private final boolean byteFallback;
    private final boolean fuseUnknown;
    private final int unknownToken;
    private final int[] beginTokens;
    private final Normaliser normaliser;

    private SentencePieceRules(
            Prepend prepend,
            Cuts cuts,
            boolean byteFallback,
            boolean fuseUnknown,
            int unknownToken,
            int[] beginTokens,
            Normaliser normaliser) {
        this.prepend = prepend;
        this.cuts = cuts;
        this.byteFallback = byteFallback;
        this.fuseUnknown = fuseUnknown;
        this.unknownToken = unknownToken;
        this.beginTokens = beginTokens;
        this.normaliser = normaliser;
    }

    /**
     * Rules of Llama 2: bytes for unknown code points, a space before every part.
     *
     * @param unknownToken id for what has no token, or -1 to leave it out
     * @param beginTokens what {@link Tokenizer#beginTokens} gives
     */
    public static SentencePieceRules of(Prepend prepend, int unknownToken, int... beginTokens) {
        Normaliser normaliser =
                prepend == Prepend.EACH_PART
                        ? text -> text.isEmpty() ? "" : SPACE + text.replace(" ", SPACE)
                        : Normaliser.NONE;
        return new SentencePieceRules(
                prepend, Cuts.NONE, true, true, unknownToken, beginTokens.clone(), normaliser);
    }

    SentencePieceRules withCuts(Cuts where) {
        return new SentencePieceRules(
                prepend, where, byteFallback, fuseUnknown, unknownToken, beginTokens, normaliser);
    }

    SentencePieceRules withUnknowns(boolean byBytes, boolean fused) {
        return new SentencePieceRules(
                prepend, cuts, byBytes, fused, unknownToken, beginTokens, normaliser);
    }

    /** What is done before added tokens of the normalised kind are looked for. */
    SentencePieceRules withNormaliser(Normaliser first) {
        return new SentencePieceRules(
                prepend, cuts, byteFallback, fuseUnknown, unknownToken, beginTokens, first);
    }

    /** What the model encodes one by one: spaces replaced, one put before where rules say so. */
    List<String> pieces(String part, boolean first) {
        List<String> pieces = new ArrayList<>();
        if (cuts != Cuts.WORDS) {
            cut(part, first, pieces);
            return pieces;
        }
        int start = -1;
        for (int i = 0; i < part.length(); i++) {
            boolean space = UnicodeText.isSpace(part.charAt(i));
            if (space && start >= 0) {
                cut(part.substring(start, i), first && start == 0, pieces);
                start = -1;
            } else if (!space && start < 0) {
                start = i;
            }
        }
        if (start >= 0) {
            cut(part.substring(start), first && start == 0, pieces);
        }
        return pieces;
    }

    private void cut(String part, boolean first, List<String> pieces) {
        String text = part.replace(" ", SPACE);
        boolean wanted =
                prepend == Prepend.EACH_PART_WITHOUT
                        || prepend == Prepend.FIRST_PART_WITHOUT && first;
        if (wanted && !text.startsWith(SPACE)) {
            text = SPACE + text;
        }
        int start = 0;
        if (cuts != Cuts.NONE) {
            for (int next = text.indexOf(SPACE, 1);
                    next >= 0;
                    next = text.indexOf(SPACE, next + 1)) {
                pieces.add(text.substring(start, next));
                start = next;
            }
        }
        pieces.add(text.substring(start));
    }

    /** Whether a decoded text has a space more than it had. */
    boolean prepends() {
        return prepend != Prepend.NEVER;
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

    Normaliser normaliser() {
        return normaliser;
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

    /** Where a text is cut; no token crosses a cut. */
    enum Cuts {
        /** Nowhere. */
        NONE,
        /** Before each space. */
        SPACES,
        /** At white space, which is gone; what is left is a part of its own to {@link Prepend}. */
        WORDS
    }
}
