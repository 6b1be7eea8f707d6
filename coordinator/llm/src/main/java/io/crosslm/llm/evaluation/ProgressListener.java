package io.crosslm.llm.evaluation;

/** Hears how far a measurement is. */
@FunctionalInterface
public interface ProgressListener {
    /**
     * Some more was scored.
     *
     * @param done items so far
     * @param all items in all
     */
    void scored(int done, int all);

    /** Hears nothing. */
    static ProgressListener noop() {
        return (done, all) -> {};
    }
}
