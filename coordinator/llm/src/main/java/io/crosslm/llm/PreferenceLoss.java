package io.crosslm.llm;

/**
 * How preferences become a loss. Log-probabilities are sums over a completion's tokens; the
 * reference is the untuned model.
 *
 * @param kind the formula
 * @param beta its strength
 * @param sftWeight weight of the negative log-likelihood (mean over tokens) of chosen completions
 *     that is added; not for {@link Kind#KTO}
 */
public record PreferenceLoss(Kind kind, double beta, double sftWeight) {
    public PreferenceLoss {
        if (!(beta > 0) || !(sftWeight >= 0)) {
            throw new IllegalArgumentException(
                    "beta must be positive and sftWeight at least 0 but are "
                            + beta
                            + " and "
                            + sftWeight);
        }
    }

    /** DPO with beta 0.1 and weight 0.2. */
    public static PreferenceLoss defaults() {
        return new PreferenceLoss(Kind.DPO, 0.1, 0.2);
    }

    /** Formulas; r is log p(tuned) - log p(reference) of a completion. */
    public enum Kind {
        /** -log sigmoid(beta (r(chosen) - r(rejected))): Rafailov et al. 2023, equation 7. */
        DPO,
        /**
         * (r(chosen) - r(rejected) - 1 / (2 beta))^2 with r divided by the completion's tokens:
         * Azar et al. 2023, equation 17, with TRL's length normalisation.
         */
        IPO,
        /**
         * 1 - sigmoid(beta (r - z)) of desirable and 1 - sigmoid(beta (z - r)) of undesirable
         * completions; z is the mean r of completions after prompts of others, at least 0:
         * Ethayarajh et al. 2024, equation 8. A pair gives one completion of each sort.
         */
        KTO
    }
}
