package io.crosslm.edge.model;

/**
 * What a training gave.
 *
 * @param epochs that ran
 * @param bestEpoch whose state was kept, from 1
 * @param trainingLoss of the best epoch
 * @param validationLoss of the best epoch in nats, at T = 1; not a number without validation part
 * @param temperature T
 */
public record TrainingSummary(
        int epochs,
        int bestEpoch,
        double trainingLoss,
        double validationLoss,
        double temperature) {}
