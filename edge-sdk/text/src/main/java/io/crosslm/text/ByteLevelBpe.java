package io.crosslm.text;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Byte-level byte-pair encoding, the tokenizer of GPT-2, SmolLM2, RoBERTa and many others (Sennrich
 * et al. 2016; Radford et al. 2019).
 *
 * <p>A text is cut into pieces, each piece's UTF-8 bytes become ids, and neighbours are merged by
 * rank. Tokens are written in GPT-2's alphabet, where every byte is one printable character.
 * Immutable and thread-safe.
 */
public final class ByteLevelBpe extends PartTokenizer {
    private final TokenBytes bytes;
    private final int[] idOfByte = new int[256];
    private final BpeMerges merges;
    private final ByteLevelBpeSplit split;
    // Empty where whole pieces are not looked up.
    private final Map<String, Integer> wholePieces;
    private final Extras extras;

    private ByteLevelBpe(
            Vocabulary vocabulary,
            BpeMerges merges,
            int unknownToken,
            ByteLevelBpeSplit split,
            Extras extras) {
        super(new AddedTokens(vocabulary.addedTokens(), extras.normaliser));
        this.extras = extras;
        this.merges = merges;
        this.split = split;
        wholePieces = extras.wholePieces ? vocabulary.ids() : Map.of();
        for (int b = 0; b < 256; b++) {
            String token = String.valueOf(ByteAlphabet.character(b));
            idOfByte[b] = vocabulary.ids().getOrDefault(token, unknownToken);
        }
        bytes = new TokenBytes(vocabulary, ByteAlphabet::read);
    }

    /**
     * A tokenizer of these tables.
     *
     * @param tokens in GPT-2's alphabet, by id; control tokens as they are written
     * @param merges pairs "left right" by rank
     * @param controlTokens ids of control tokens
     * @param unknownToken id for bytes that have no token, or -1 to leave them out: published
     *     vocabularies lack bytes that hardly occur, such as U+0004
     * @throws TokenizerException if a merge names a token that is not there
     */
    public static ByteLevelBpe of(
            List<String> tokens,
            List<String> merges,
            Set<Integer> controlTokens,
            int unknownToken,
            ByteLevelBpeSplit split) {
        return of(tokens, merges, controlTokens, unknownToken, split, Extras.NONE);
    }

    /** The same with what goes beyond GPT-2's tokenizer. */
    public static ByteLevelBpe of(
            List<String> tokens,
            List<String> merges,
            Set<Integer> controlTokens,
            int unknownToken,
            ByteLevelBpeSplit split,
            Extras extras) {
        return of(
                Vocabulary.of(tokens, controlTokens, extras.addedTokens),
                merges,
                unknownToken,
                split,
                extras);
    }

    /** The same; the vocabulary says which tokens are added. */
    static ByteLevelBpe of(
            Vocabulary vocabulary,
            List<String> merges,
            int unknownToken,
            ByteLevelBpeSplit split,
            Extras extras) {
        vocabulary.check(extras.beginTokens, "begin token");
        if (unknownToken >= 0) {
            vocabulary.check(unknownToken, "the token for unknown bytes,");
        }
        BpeMerges table = BpeMerges.of(merges, vocabulary.ids());
        return new ByteLevelBpe(vocabulary, table, unknownToken, split, extras);
    }

    @Override
    void encodePart(String part, boolean first, IdList out) {
        boolean space = extras.spaceBefore && !part.startsWith(" ");
        for (String piece : split.pieces(space ? " " + part : part)) {
            if (out.isFull()) {
                return;
            }
            encode(piece.getBytes(StandardCharsets.UTF_8), out);
        }
    }

    private void encode(byte[] piece, IdList out) {
        Integer whole = wholePieces.isEmpty() ? null : wholePieces.get(ByteAlphabet.write(piece));
        if (whole != null) {
            out.add(whole);
            return;
        }
        int[] ids = new int[piece.length];
        int known = 0;
        for (byte b : piece) {
            if (idOfByte[b & 255] >= 0) {
                ids[known++] = idOfByte[b & 255];
            }
        }
        out.addAll(ids, merges.merge(ids, known));
    }

    @Override
    public String decode(int[] ids) {
        return bytes.decode(
                ids, extras.spaceBefore && TokenBytes.startsWith(ids, extras.beginTokens));
    }

    @Override
    public int[] beginTokens() {
        return extras.beginTokens.clone();
    }

    @Override
    public int vocabularySize() {
        return bytes.size();
    }

    /** What some tokenizers have beyond GPT-2's. Immutable. */
    public static final class Extras {
        /** None of it. */
        public static final Extras NONE =
                new Extras(Set.of(), new int[0], false, false, Normaliser.NONE);

        private final Set<Integer> addedTokens;
        private final int[] beginTokens;
        private final boolean wholePieces;
        private final boolean spaceBefore;
        private final Normaliser normaliser;

        private Extras(
                Set<Integer> addedTokens,
                int[] beginTokens,
                boolean wholePieces,
                boolean spaceBefore,
                Normaliser normaliser) {
            this.addedTokens = addedTokens;
            this.beginTokens = beginTokens;
            this.wholePieces = wholePieces;
            this.spaceBefore = spaceBefore;
            this.normaliser = normaliser;
        }

        /** Tokens that are read like control tokens, yet are text when decoded. */
        public Extras withAddedTokens(Set<Integer> ids) {
            return new Extras(
                    new TreeSet<>(ids), beginTokens, wholePieces, spaceBefore, normaliser);
        }

        /** What {@link #beginTokens} of the tokenizer gives. */
        public Extras withBeginTokens(int... ids) {
            return new Extras(addedTokens, ids.clone(), wholePieces, spaceBefore, normaliser);
        }

        /** A piece that is a token is taken as that, whatever the merges say (Llama 3). */
        public Extras withWholePieces() {
            return new Extras(addedTokens, beginTokens, true, spaceBefore, normaliser);
        }

        /** A space is put before every part of a text that does not begin with one (RoBERTa). */
        public Extras withSpaceBefore() {
            return new Extras(addedTokens, beginTokens, wholePieces, true, normaliser);
        }

        /** Texts are brought to Unicode's form NFC first (Qwen2). */
        public Extras withComposition() {
            return withNormaliser(text -> Normalizer.normalize(text, Normalizer.Form.NFC));
        }

        Extras withNormaliser(Normaliser first) {
            return new Extras(addedTokens, beginTokens, wholePieces, spaceBefore, first);
        }
    }
}
