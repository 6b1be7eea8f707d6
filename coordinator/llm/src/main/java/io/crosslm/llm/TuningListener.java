package io.crosslm.llm;

/** Hears of tuning; called on the model's thread, so it must return at once. */
@FunctionalInterface
public interface TuningListener {
    /** A step is done. Returning false ends the tuning with an exception. */
    boolean stepped(int step, int stepsInAll, double loss);

    /** Hears nothing and lets it run. */
    static TuningListener noop() {
        return (step, all, loss) -> true;
    }
}
