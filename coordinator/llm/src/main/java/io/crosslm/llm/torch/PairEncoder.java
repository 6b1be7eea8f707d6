package io.crosslm.llm.torch;

import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.LikelihoodScorer.Continuation;
import io.crosslm.text.Tokenizer;
import io.crosslm.text.Tokenizer.ControlTokens;
import java.util.Arrays;
import java.util.OptionalInt;

/**
 * Splits a context and its continuation into ids by the conventions of lm-evaluation-harness 0.4.13
 * ({@code TemplateLM._encode_pair}, {@code TemplateLM.loglikelihood} and {@code
 * HFLM._loglikelihood_tokens}). Immutable.
 *
 * <p>Unlike there, control tokens in a text are characters: a text that begins with the name of the
 * begin token gets the begin token nevertheless.
 */
final class PairEncoder {
    private static final int NEXT_LINE = 0x85;

    private final Tokenizer tokenizer;
    private final OptionalInt prefix;
    private final int contextLength;

    /**
     * An encoder.
     *
     * @param prefix what stands before a text without a context
     */
    PairEncoder(Tokenizer tokenizer, OptionalInt prefix, int contextLength) {
        this.tokenizer = tokenizer;
        this.prefix = prefix;
        this.contextLength = contextLength;
    }

    /**
     * Ids of context and continuation, both with at least one. Of more than the model takes, the
     * context's first are left out.
     *
     * @param index of the pair in the request, for the message
     * @throws LanguageModelException BAD_INPUT if one of the two has no tokens or the continuation
     *     alone has too many
     */
    Pair encode(Continuation item, int index) {
        Pair pair = item.context().isEmpty() ? alone(item.continuation()) : apart(item);
        if (pair.context.length == 0 || pair.continuation.length == 0) {
            throw new LanguageModelException(
                    Code.BAD_INPUT,
                    "Text "
                            + index
                            + ": its "
                            + (pair.context.length == 0 ? "context" : "continuation")
                            + " has no tokens; give it at least one");
        }
        if (pair.continuation.length > contextLength) {
            throw new LanguageModelException(
                    Code.BAD_INPUT,
                    "The continuation of text "
                            + index
                            + " has "
                            + pair.continuation.length
                            + " tokens; the model takes "
                            + contextLength);
        }
        // The last token is predicted, but predicts nothing: the model does not read it.
        int surplus = pair.context.length + pair.continuation.length - (contextLength + 1);
        return surplus <= 0
                ? pair
                : new Pair(
                        Arrays.copyOfRange(pair.context, surplus, pair.context.length),
                        pair.continuation);
    }

    private Pair alone(String text) {
        int[] ids = tokenizer.encode(text, ControlTokens.AS_TEXT);
        if (prefix.isEmpty()) {
            return new Pair(new int[0], ids);
        }
        return ids.length > 0 && ids[0] == prefix.getAsInt()
                ? split(ids, 1)
                : new Pair(new int[] {prefix.getAsInt()}, ids);
    }

    /** Spaces at the context's end belong to the continuation, as tokens begin with spaces. */
    private Pair apart(Continuation item) {
        int[] context = begun(stripTrailing(item.context()));
        int[] all = begun(item.context() + item.continuation());
        int from = Math.min(context.length, all.length);
        return new Pair(context, Arrays.copyOfRange(all, from, all.length));
    }

    private int[] begun(String text) {
        int[] begin = tokenizer.beginTokens();
        int[] ids = tokenizer.encode(text, ControlTokens.AS_TEXT);
        int[] begun = Arrays.copyOf(begin, begin.length + ids.length);
        System.arraycopy(ids, 0, begun, begin.length, ids.length);
        return begun;
    }

    private static Pair split(int[] ids, int at) {
        return new Pair(Arrays.copyOf(ids, at), Arrays.copyOfRange(ids, at, ids.length));
    }

    /** As Python's rstrip, to which spaces that do not break a line are spaces, too. */
    private static String stripTrailing(String text) {
        int end = text.length();
        while (end > 0 && isSpace(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(0, end);
    }

    private static boolean isSpace(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == NEXT_LINE;
    }

    /** Ids of a context and of what follows it. */
    static final class Pair {
        private final int[] context;
        private final int[] continuation;

        private Pair(int[] context, int[] continuation) {
            this.context = context;
            this.continuation = continuation;
        }

        int[] context() {
            return context;
        }

        int[] continuation() {
            return continuation;
        }
    }
}
