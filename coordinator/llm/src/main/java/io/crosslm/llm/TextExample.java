package io.crosslm.llm;

/**
 * A completion of a prompt that is to become more likely or, with {@link PreferenceLoss.Kind#KTO},
 * less; tokenised apart from the prompt, stop string included.
 *
 * @param rating whether it should be written
 */
public record TextExample(String prompt, String completion, Rating rating) {
    /** What a completion is. */
    public enum Rating {
        DESIRABLE,
        UNDESIRABLE
    }

    /** A completion to learn. */
    public static TextExample of(String prompt, String completion) {
        return new TextExample(prompt, completion, Rating.DESIRABLE);
    }
}
