package io.crosslm.coordinator.sample;

import java.util.List;

/**
 * A sample that trains devices and language model.
 *
 * @param round in which it was written
 * @param index in that round's batch
 * @param text public: written by the language model
 * @param softLabel fused probability of each label
 */
public record PoolSample(int round, int index, String text, List<Double> softLabel) {
    /** Probabilities that are closer differ by rounding alone. */
    private static final double TIE = 1e-6;

    public PoolSample {
        softLabel = List.copyOf(softLabel);
    }

    /** The most likely label, the lowest of equals. */
    public int label() {
        int best = 0;
        for (int c = 1; c < softLabel.size(); c++) {
            best = softLabel.get(c) > softLabel.get(best) ? c : best;
        }
        return best;
    }

    /** Whether several labels share the highest probability, so that no one is the label. */
    public boolean isTied() {
        double least = confidence() - TIE;
        return softLabel.stream().filter(p -> p > least).count() > 1;
    }

    /** Probability of {@link #label()}. */
    public double confidence() {
        return softLabel.get(label());
    }
}
