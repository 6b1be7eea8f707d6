package io.crosslm.text;

/** Turns text into token ids and back. Immutable and thread-safe. */
public interface Tokenizer {
    /**
     * Ids of the text, without added begin or end tokens.
     *
     * @param controlTokens whether control tokens written in the text are read as such
     */
    int[] encode(String text, ControlTokens controlTokens);

    /**
     * Text of the ids; control tokens are left out, broken UTF-8 becomes U+FFFD. A space that the
     * tokenizer puts before every text is left out where the ids start with the begin tokens: other
     * ids are the middle of a text.
     */
    String decode(int[] ids);

    /**
     * Ids that stand before every text that is given to the model from its beginning, such as
     * Llama's {@code <s>}; none for most models. {@link #encode} does not add them.
     */
    default int[] beginTokens() {
        return new int[0];
    }

    /** How many ids there are; every id is below it. */
    int vocabularySize();

    /** What happens to control tokens such as {@code <|im_end|>} that stand in a text. */
    enum ControlTokens {
        /** They become their single id; for text of our own, such as a rendered chat. */
        READ,
        /** They are characters like any other; for text from outside. */
        AS_TEXT
    }
}
