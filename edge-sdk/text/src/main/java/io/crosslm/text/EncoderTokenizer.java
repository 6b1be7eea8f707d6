package io.crosslm.text;

/**
 * The tokenizer of an encoder, which wants texts between a begin and an end token and of limited
 * length. Immutable and thread-safe; {@link TokenizerJson#readEncoder} reads one.
 */
public interface EncoderTokenizer extends Tokenizer {
    /**
     * Ids of the text between what stands before and after every text, such as [CLS] and [SEP] or
     * {@code <s>} and {@code </s>}. Tokens that were added as text are read in any case.
     *
     * @param maxTokens of the result, begin and end tokens among them; the text's end is cut off
     * @throws IllegalArgumentException if begin and end tokens alone are more
     */
    int[] encodeFramed(String text, ControlTokens controlTokens, int maxTokens);

    /**
     * The id that fills rows of a batch up. Some encoders count positions by it (RoBERTa), so that
     * no other will do.
     */
    int paddingToken();
}
