package io.crosslm.edge.model;

import java.util.List;

/**
 * What a model trains on.
 *
 * @param training private texts with label indexes
 * @param validation private texts that decide when to stop; may be empty: then all epochs run and T
 *     is 1
 * @param pool synthetic texts with soft labels; empty for the private-only model
 */
public record TrainingData(
        List<LabelledText> training, List<LabelledText> validation, List<SoftLabelledText> pool) {
    public TrainingData {
        training = java.util.Collections.unmodifiableList(new java.util.ArrayList<>(training));
        validation = java.util.Collections.unmodifiableList(new java.util.ArrayList<>(validation));
        pool = java.util.Collections.unmodifiableList(new java.util.ArrayList<>(pool));
    }

    @Override
    public String toString() {
        return "TrainingData["
                + training.size()
                + " training, "
                + validation.size()
                + " validation, "
                + pool.size()
                + " pool]";
    }
}
