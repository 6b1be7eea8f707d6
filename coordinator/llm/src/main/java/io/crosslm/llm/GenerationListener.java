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

    /** Hears nothing. */
    static GenerationListener noop() {
        return (done, all, tokens) -> {};
    }
}
