package io.crosslm.llm;

import java.util.Set;

/**
 * The adapter that tuning begins with (Hu et al. 2021).
 *
 * @param rank of the adapter matrices
 * @param alpha scale of the adapter is alpha / rank
 * @param dropout share of a layer's inputs that the adapter does not see in training; in [0, 1)
 * @param targets linear layers that get matrices, by their last name: q_proj, k_proj, v_proj,
 *     o_proj, gate_proj, up_proj, down_proj
 */
public record LoraSettings(int rank, double alpha, double dropout, Set<String> targets) {
    /** Every linear layer of a Llama-type decoder. */
    public static final Set<String> ALL_LINEARS =
            Set.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj");

    public LoraSettings {
        targets = Set.copyOf(targets);
        if (rank < 1 || rank > 1024) {
            throw new IllegalArgumentException("rank must be in 1 to 1024 but is " + rank);
        }
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("dropout must be in [0, 1) but is " + dropout);
        }
        if (targets.isEmpty() || !ALL_LINEARS.containsAll(targets)) {
            throw new IllegalArgumentException(
                    "targets must be some of " + ALL_LINEARS + " but are " + targets);
        }
    }

    /** Rank 16, alpha 32, no dropout, on all linear layers. */
    public static LoraSettings defaults() {
        return new LoraSettings(16, 32, 0, ALL_LINEARS);
    }

    public LoraSettings withRank(int changed, double changedAlpha) {
        return new LoraSettings(changed, changedAlpha, dropout, targets);
    }

    public LoraSettings withDropout(double changed) {
        return new LoraSettings(rank, alpha, changed, targets);
    }

    public LoraSettings withTargets(Set<String> changed) {
        return new LoraSettings(rank, alpha, dropout, changed);
    }
}
