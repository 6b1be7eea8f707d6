package io.crosslm.text;

/** Any tokenizer with the frame of an encoder. Immutable and thread-safe. */
final class FramedTokenizer implements EncoderTokenizer {
    private final PartTokenizer tokenizer;
    private final Frame frame;
    private final int paddingToken;

    FramedTokenizer(PartTokenizer tokenizer, Frame frame, int paddingToken) {
        this.tokenizer = tokenizer;
        this.frame = frame;
        this.paddingToken = paddingToken;
    }

    @Override
    public int[] encode(String text, ControlTokens controlTokens) {
        return tokenizer.encode(text, controlTokens);
    }

    @Override
    public int[] encodeFramed(String text, ControlTokens controlTokens, int maxTokens) {
        return frame.encode(tokenizer, text, controlTokens, maxTokens);
    }

    @Override
    public String decode(int[] ids) {
        return tokenizer.decode(ids);
    }

    @Override
    public int[] beginTokens() {
        return frame.begin();
    }

    @Override
    public int paddingToken() {
        return paddingToken;
    }

    @Override
    public int vocabularySize() {
        return tokenizer.vocabularySize();
    }
}
