package io.crosslm.text;

import io.crosslm.text.AddedToken.Trait;
import io.crosslm.text.Tokenizer.ControlTokens;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * Finds added tokens that are written in a text: first those that are looked for in the text as it
 * came, then, in what lies between, those that are looked for after normalisation. The leftmost
 * wins, and of several there the longest. Immutable.
 */
final class AddedTokens {
    private final Finder raw = new Finder();
    private final Finder normalised = new Finder();
    private final Normaliser normaliser;

    AddedTokens(Collection<AddedToken> tokens, Normaliser normaliser) {
        this.normaliser = normaliser;
        for (AddedToken token : tokens) {
            if (token.is(Trait.NORMALISED)) {
                normalised.add(token, normaliser.normalise(token.content()));
            } else {
                raw.add(token, token.content());
            }
        }
    }

    /** Gives the normalised text between tokens to the encoder and the tokens' ids to the list. */
    void cut(String text, Reading reading, PartEncoder encoder, IdList out) {
        raw.cut(
                text,
                reading,
                (part, first) ->
                        normalised.cut(
                                normaliser.normalise(part),
                                reading,
                                (rest, leading) -> encoder.encode(rest, first && leading, out),
                                out),
                out);
    }

    /** Which tokens are read. */
    enum Reading {
        /** All. */
        ALL,
        /** All but control tokens. */
        PLAIN,
        /** None. */
        NONE;

        /** Of a language model: what comes from outside becomes no token that was added. */
        static Reading strict(ControlTokens mode) {
            return mode == ControlTokens.READ ? ALL : NONE;
        }

        /** Of an encoder, as it was trained. */
        static Reading trained(ControlTokens mode) {
            return mode == ControlTokens.READ ? ALL : PLAIN;
        }

        boolean reads(AddedToken token) {
            return this == ALL || this == PLAIN && !token.is(Trait.CONTROL);
        }
    }

    /** Encodes a part of a text that is not empty. */
    interface PartEncoder {
        void encode(String part, boolean first, IdList out);
    }

    private interface Part {
        void take(String part, boolean first);
    }

    private static final class Finder {
        private final PieceTrie trie = new PieceTrie();
        private final Map<Integer, AddedToken> tokens = new HashMap<>();

        void add(AddedToken token, String written) {
            if (!written.isEmpty() && trie.value(written, 0, written.length()) < 0) {
                trie.put(written, token.id());
                tokens.put(token.id(), token);
            }
        }

        void cut(String text, Reading reading, Part between, IdList out) {
            int done = 0;
            for (int at = 0; !tokens.isEmpty() && at < text.length() && !out.isFull(); ) {
                int end = trie.longestEnd(text, at);
                if (end < 0) {
                    at++;
                    continue;
                }
                AddedToken token = tokens.get(trie.value(text, at, end));
                if (token != null && reading.reads(token) && fits(token, text, at, end)) {
                    int from = token.is(Trait.SPACE_BEFORE) ? spaceStart(text, done, at) : at;
                    if (from > done) {
                        between.take(text.substring(done, from), done == 0);
                    }
                    out.add(token.id());
                    done = token.is(Trait.SPACE_AFTER) ? spaceEnd(text, end) : end;
                }
                at = Math.max(end, done);
            }
            if (done < text.length() && !out.isFull()) {
                between.take(text.substring(done), done == 0);
            }
        }

        private static boolean fits(AddedToken token, String text, int start, int end) {
            return !token.is(Trait.SINGLE_WORD)
                    || (start == 0 || !UnicodeText.isWord(text.codePointBefore(start)))
                            && (end == text.length() || !UnicodeText.isWord(text.codePointAt(end)));
        }

        private static int spaceStart(String text, int limit, int end) {
            int start = end;
            while (start > limit && UnicodeText.isSpace(text.charAt(start - 1))) {
                start--;
            }
            return start;
        }

        private static int spaceEnd(String text, int start) {
            int end = start;
            while (end < text.length() && UnicodeText.isSpace(text.charAt(end))) {
                end++;
            }
            return end;
        }
    }
}
