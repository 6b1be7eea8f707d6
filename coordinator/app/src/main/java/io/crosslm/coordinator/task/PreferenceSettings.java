package io.crosslm.coordinator.task;

import io.crosslm.llm.TuningSettings;

/**
 * How the language model learns from a round.
 *
 * @param pairs hindsight pairs a round
 * @param diversityWeight how much likeness to the nearest samples lowers a sample's reward
 * @param guardMaximumKl an adapter that moved the model further on its own texts is drawn back
 *     towards its start, in nats a token
 * @param guardMaximumLoss an adapter that makes general passages less likely than this is drawn
 *     back; as a share of the untuned model's negative log-likelihood
 * @param stopTuningAt a round whose asked-for labels are estimated to be right at least so often is
 *     not tuned on: there is little left to gain
 * @param tuning settings of the optimisation
 */
public record PreferenceSettings(
        int pairs,
        double diversityWeight,
        double guardMaximumKl,
        double guardMaximumLoss,
        double stopTuningAt,
        TuningSettings tuning) {
    static final PreferenceSettings DEFAULTS =
            new PreferenceSettings(48, 0.3, 0.05, 0.01, 0.9, TuningSettings.defaults());
}
