package io.crosslm.llm;

/**
 * A text that the model wrote.
 *
 * @param prompt index of its prompt in the request
 * @param text without the stop string
 * @param tokenCount tokens drawn, the end token included
 * @param finish why it ended
 */
public record Completion(int prompt, String text, int tokenCount, Finish finish) {
    /** Why a completion ended. */
    public enum Finish {
        /** The model drew its end token or one of {@link Sampling#stopTokens()}. */
        END_TOKEN,
        /** A stop string appeared. */
        STOP,
        /** {@link Sampling#maxNewTokens()} was reached. */
        LENGTH,
        /** The request's time was over. */
        TIME_LIMIT
    }
}
