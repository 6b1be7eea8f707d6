package io.crosslm.edge.model;

/**
 * Hears of training; called on the training thread. Whatever returns false ends the training with
 * {@link ModelException} of code CANCELLED, and what is thrown ends it with that; the model stays
 * as it was.
 */
@FunctionalInterface
public interface TrainingListener {
    /** An epoch is done. */
    boolean epochDone(int epoch, int epochsInAll, double validationLoss);

    /**
     * The first two steps told how long the rest will take. Heard once, before the rest; not in
     * trainings of fewer steps.
     */
    default boolean planned(TrainingPlan plan) {
        return true;
    }

    /**
     * A step is done. A training that is to stop soon is told here: steps take well below a second
     * on a phone.
     */
    default boolean stepDone(int step, int stepsInAll) {
        return true;
    }

    /** Asked where no steps are made: while texts are made ready, and while texts are validated. */
    default boolean isWanted() {
        return true;
    }

    /** What was done could not be kept on disk: an interruption would lose it. It goes on. */
    default void progressNotKept(ModelException reason) {}

    /** Hears nothing and lets it run. */
    static TrainingListener noop() {
        return (epoch, all, loss) -> true;
    }
}
