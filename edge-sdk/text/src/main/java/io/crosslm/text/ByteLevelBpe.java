package io.crosslm.text;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Byte-level byte-pair encoding, the tokenizer of GPT-2, SmolLM2 and many others (Sennrich et al.
 * 2016; Radford et al. 2019).
 *
 * <p>A text is cut into pieces, each piece's UTF-8 bytes become ids, and neighbours are merged by
 * rank. Tokens are written in GPT-2's alphabet, where every byte is one printable character.
 * Immutable and thread-safe.
 */
public final class ByteLevelBpe implements Tokenizer {
    private static final char[] CHARACTER_OF_BYTE = characterOfByte();
    private static final Map<Character, Byte> BYTE_OF_CHARACTER = byteOfCharacter();

    private final byte[][] bytes;
    private final boolean[] control;
    private final int[] idOfByte;
    private final ByteLevelBpeMerges merges;
    private final ByteLevelBpeSplit split;
    private final Map<String, Integer> ids;
    private final ControlText controlText;
    private final Extras extras;

    private ByteLevelBpe(
            List<String> tokens,
            Set<Integer> controlTokens,
            int[] idOfByte,
            ByteLevelBpeMerges merges,
            ByteLevelBpeSplit split,
            Map<String, Integer> ids,
            Extras extras) {
        this.ids = extras.wholePieces ? ids : Map.of();
        this.extras = extras;
        this.idOfByte = idOfByte;
        this.merges = merges;
        this.split = split;
        bytes = new byte[tokens.size()][];
        control = new boolean[tokens.size()];
        for (int id = 0; id < bytes.length; id++) {
            bytes[id] = bytesOf(tokens.get(id));
        }
        Set<Integer> readable = new TreeSet<>(controlTokens);
        readable.addAll(extras.addedTokens);
        for (int id : controlTokens) {
            control[id] = true;
        }
        for (int id : readable) {
            bytes[id] = tokens.get(id).getBytes(StandardCharsets.UTF_8);
        }
        controlText = new ControlText(tokens, readable);
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
        Set<Integer> named = new TreeSet<>(extras.addedTokens);
        for (int id : extras.beginTokens) {
            named.add(id);
        }
        for (int id : named) {
            if (id < 0 || id >= tokens.size() || tokens.get(id).isEmpty()) {
                throw malformed("added or begin token " + id + " is not in the vocabulary");
            }
        }
        Map<String, Integer> ids = new HashMap<>();
        for (int id = 0; id < tokens.size(); id++) {
            ids.putIfAbsent(tokens.get(id), id);
        }
        for (int id : controlTokens) {
            if (id < 0 || id >= tokens.size() || tokens.get(id).isEmpty()) {
                throw malformed("control token " + id + " is not in the vocabulary");
            }
        }
        if (unknownToken >= tokens.size()) {
            throw malformed("the token for unknown bytes is not in the vocabulary");
        }
        int[] idOfByte = new int[256];
        for (int b = 0; b < 256; b++) {
            idOfByte[b] = ids.getOrDefault(String.valueOf(CHARACTER_OF_BYTE[b]), unknownToken);
        }
        return new ByteLevelBpe(
                tokens, controlTokens, idOfByte, merges(merges, ids), split, ids, extras);
    }

    @Override
    public int[] encode(String text, ControlTokens controlTokens) {
        IdList out = new IdList(text.length());
        controlText.cut(text, controlTokens, (part, first) -> encode(part, out), out);
        return out.toArray();
    }

    private void encode(String part, IdList out) {
        String text = extras.compose ? Normalizer.normalize(part, Normalizer.Form.NFC) : part;
        for (String piece : split.pieces(text)) {
            byte[] utf8 = piece.getBytes(StandardCharsets.UTF_8);
            Integer whole = ids.isEmpty() ? null : ids.get(characters(utf8));
            if (whole != null) {
                out.add(whole);
                continue;
            }
            int[] ids = new int[utf8.length];
            int known = 0;
            for (byte b : utf8) {
                if (idOfByte[b & 255] >= 0) {
                    ids[known++] = idOfByte[b & 255];
                }
            }
            int count = merges.merge(ids, known);
            for (int i = 0; i < count; i++) {
                out.add(ids[i]);
            }
        }
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
        return new String(all, StandardCharsets.UTF_8);
    }

    private static String characters(byte[] utf8) {
        char[] characters = new char[utf8.length];
        for (int i = 0; i < utf8.length; i++) {
            characters[i] = CHARACTER_OF_BYTE[utf8[i] & 255];
        }
        return new String(characters);
    }

    @Override
    public int[] beginTokens() {
        return extras.beginTokens.clone();
    }

    @Override
    public int vocabularySize() {
        return bytes.length;
    }

    static ByteLevelBpeMerges merges(List<String> merges, Map<String, Integer> ids) {
        int[] left = new int[merges.size()];
        int[] right = new int[merges.size()];
        int[] joined = new int[merges.size()];
        for (int rank = 0; rank < joined.length; rank++) {
            String merge = merges.get(rank);
            int space = merge.indexOf(' ');
            if (space < 1 || space == merge.length() - 1) {
                throw malformed("merge " + rank + " is not two tokens with a space between");
            }
            String first = merge.substring(0, space);
            String second = merge.substring(space + 1);
            left[rank] = id(ids, first, rank);
            right[rank] = id(ids, second, rank);
            joined[rank] = id(ids, first + second, rank);
        }
        return new ByteLevelBpeMerges(left, right, joined);
    }

    private static int id(Map<String, Integer> ids, String token, int rank) {
        Integer id = ids.get(token);
        if (id == null) {
            throw malformed("merge " + rank + " names a token that is not in the vocabulary");
        }
        return id;
    }

    private static TokenizerException malformed(String what) {
        return new TokenizerException(
                TokenizerException.Code.MALFORMED, "The byte-level BPE tokenizer: " + what);
    }

    private static byte[] bytesOf(String token) {
        byte[] bytes = new byte[token.length()];
        for (int i = 0; i < bytes.length; i++) {
            Byte b = BYTE_OF_CHARACTER.get(token.charAt(i));
            if (b == null) {
                // Not in the alphabet: a token that was added as plain text.
                return token.getBytes(StandardCharsets.UTF_8);
            }
            bytes[i] = b;
        }
        return bytes;
    }

    /** Printable bytes stand for themselves, the others for U+0100 and following in order. */
    private static char[] characterOfByte() {
        char[] characters = new char[256];
        int other = 256;
        for (int b = 0; b < 256; b++) {
            boolean printable = b >= '!' && b <= '~' || b >= 0xa1 && b != 0xad;
            characters[b] = (char) (printable ? b : other++);
        }
        return characters;
    }

    private static Map<Character, Byte> byteOfCharacter() {
        Map<Character, Byte> bytes = new HashMap<>();
        for (int b = 0; b < 256; b++) {
            bytes.put(CHARACTER_OF_BYTE[b], (byte) b);
        }
        return bytes;
    }

    /** What some tokenizers have beyond GPT-2's. */
    public static final class Extras {
        /** None of it. */
        public static final Extras NONE = new Extras(Set.of(), new int[0], false, false);

        private final Set<Integer> addedTokens;
        private final int[] beginTokens;
        private final boolean wholePieces;
        private final boolean compose;

        private Extras(
                Set<Integer> addedTokens, int[] beginTokens, boolean wholePieces, boolean compose) {
            this.addedTokens = addedTokens;
            this.beginTokens = beginTokens;
            this.wholePieces = wholePieces;
            this.compose = compose;
        }

        /** Tokens that are read like control tokens, yet are text when decoded. */
        public Extras withAddedTokens(Set<Integer> ids) {
            return new Extras(new TreeSet<>(ids), beginTokens, wholePieces, compose);
        }

        /** What {@link #beginTokens} of the tokenizer gives. */
        public Extras withBeginTokens(int... ids) {
            return new Extras(addedTokens, ids.clone(), wholePieces, compose);
        }

        /** A piece that is a token is taken as that, whatever the merges say (Llama 3). */
        public Extras withWholePieces() {
            return new Extras(addedTokens, beginTokens, true, compose);
        }

        /** Texts are brought to Unicode's form NFC first (Qwen2). */
        public Extras withComposition() {
            return new Extras(addedTokens, beginTokens, wholePieces, true);
        }
    }
}
