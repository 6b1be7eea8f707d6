package io.crosslm.edge.model;

import java.util.List;

/**
 * Compares two models on the same examples.
 *
 * <p>Only the examples that one gets right and the other wrong tell them apart (McNemar 1947). If
 * both models are equally good, the difference of the two counts has mean 0 and standard deviation
 * sqrt(their sum). With a handful of examples a difference of one is then no evidence.
 */
public final class PairedComparison {
    private final int won;
    private final int lost;

    private PairedComparison(int won, int lost) {
        this.won = won;
        this.lost = lost;
    }

    /**
     * The comparison of a new model with an old one.
     *
     * @param before whether the old model is right, for each example
     * @param now whether the new model is right, for the same examples
     * @throws IllegalArgumentException if the lists differ in length
     */
    public static PairedComparison of(List<Boolean> before, List<Boolean> now) {
        if (before.size() != now.size()) {
            throw new IllegalArgumentException(
                    "expected answers to the same examples but there are "
                            + before.size()
                            + " and "
                            + now.size());
        }
        int won = 0;
        int lost = 0;
        for (int i = 0; i < now.size(); i++) {
            won += now.get(i) && !before.get(i) ? 1 : 0;
            lost += before.get(i) && !now.get(i) ? 1 : 0;
        }
        return new PairedComparison(won, lost);
    }

    /** Examples that only the new model gets right. */
    public int won() {
        return won;
    }

    /** Examples that only the old model gets right. */
    public int lost() {
        return lost;
    }

    /** Whether the new model is worse by more than one standard error. */
    public boolean isWorse() {
        return lost - won > Math.sqrt(lost + won);
    }
}
