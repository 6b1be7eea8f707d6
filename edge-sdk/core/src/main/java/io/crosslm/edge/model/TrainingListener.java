package io.crosslm.edge.model;

/** Hears of training; called on the training thread. */
@FunctionalInterface
public interface TrainingListener {
    /** An epoch is done. Returning false ends the training with {@link ModelException}. */
    boolean epochDone(int epoch, int epochsInAll, double validationLoss);

    /** Hears nothing and lets it run. */
    static TrainingListener noop() {
        return (epoch, all, loss) -> true;
    }
}
