package io.crosslm.text;

import io.crosslm.text.AddedTokens.Reading;

/**
 * A tokenizer that reads added tokens first and encodes what lies between. Immutable and
 * thread-safe.
 */
abstract class PartTokenizer implements Tokenizer {
    private final AddedTokens addedTokens;

    PartTokenizer(AddedTokens addedTokens) {
        this.addedTokens = addedTokens;
    }

    @Override
    public final int[] encode(String text, ControlTokens controlTokens) {
        IdList out = new IdList(text.length());
        encode(text, Reading.strict(controlTokens), out);
        return out.toArray();
    }

    /** Adds a text's ids, as many as the list takes. */
    final void encode(String text, Reading reading, IdList out) {
        addedTokens.cut(UnicodeText.withoutHalfPairs(text), reading, this::encodePart, out);
    }

    /**
     * Encodes normalised text between added tokens.
     *
     * @param part not empty
     * @param first whether nothing stands before it
     */
    abstract void encodePart(String part, boolean first, IdList out);
}
