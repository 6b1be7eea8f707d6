package io.crosslm.llm.torch;

import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.text.Tokenizer;
import io.crosslm.text.Tokenizer.ControlTokens;
import java.util.Arrays;

/** Turns texts of callers into ids that the model can take. */
final class Prompts {
    private final Tokenizer tokenizer;
    private final int contextLength;

    Prompts(Tokenizer tokenizer, int contextLength) {
        this.tokenizer = tokenizer;
        this.contextLength = contextLength;
    }

    /**
     * Ids of a text from outside; control tokens in it are characters.
     *
     * @param index of the text in the request, for the message
     * @param room tokens that will follow
     * @throws LanguageModelException if there are none or too many
     */
    int[] encode(String text, int index, int room) {
        int[] ids = tokenizer.encode(text, ControlTokens.AS_TEXT);
        if (ids.length == 0) {
            throw new LanguageModelException(
                    Code.BAD_INPUT, "Text " + index + " has no tokens; give it at least one");
        }
        int[] begun = begin(ids);
        checkLength(begun.length + (long) room, index);
        return begun;
    }

    /** The ids with what the model wants before every text. */
    int[] begin(int[] ids) {
        int[] begin = tokenizer.beginTokens();
        if (begin.length == 0) {
            return ids;
        }
        int[] begun = Arrays.copyOf(begin, begin.length + ids.length);
        System.arraycopy(ids, 0, begun, begin.length, ids.length);
        return begun;
    }

    void checkLength(long tokens, int index) {
        if (tokens > contextLength) {
            throw new LanguageModelException(
                    Code.BAD_INPUT,
                    "Text "
                            + index
                            + " needs "
                            + tokens
                            + " tokens with what follows it; the model takes "
                            + contextLength
                            + ": shorten it or ask for fewer new tokens");
        }
    }
}
