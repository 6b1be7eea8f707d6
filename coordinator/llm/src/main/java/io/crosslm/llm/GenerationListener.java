package io.crosslm.llm;

/**
 * Hears of the progress of a generation; called on the model's thread, so it must return at once.
 */
@FunctionalInterface
public interface GenerationListener {
    /**
     * Some completions are done.
     *
     * @param completionsDone finished so far
     * @param completionsInAll asked for
     * @param tokensGenerated new tokens so far
     */
    void progressed(int completionsDone, int completionsInAll, long tokensGenerated);

    /**
     * A completion goes on. All pieces of a completion together are its text: a piece comes when it
     * can no longer become part of a stop string or of a character that is not complete.
     *
     * @param completion its place in the result
     */
    default void wrote(int completion, String piece) {}

    /** Whether {@link #wrote} is to be called; finding the pieces costs some time. */
    default boolean streams() {
        return false;
    }

    /** Whether the work is to end with {@link LanguageModelException.Code#CANCELLED}. */
    default boolean cancelled() {
        return false;
    }

    /** Hears nothing. */
    static GenerationListener noop() {
        return (done, all, tokens) -> {};
    }
}
