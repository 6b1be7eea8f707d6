package io.crosslm.llm;

import java.util.Set;

/**
 * Settings of LoRA tuning. One step's loss is DPO(pairs) + sftWeight * NLL(chosen, mean over
 * tokens) + labelWeight * cross-entropy(label words, soft labels) + replayWeight * KL(untuned ||
 * tuned).
 *
 * @param rank of the adapter matrices
 * @param alpha scale of the adapter is alpha / rank
 * @param targets linear layers that get matrices, by their last name: q_proj, k_proj, v_proj,
 *     o_proj, gate_proj, up_proj, down_proj
 * @param learningRate of AdamW, constant
 * @param clipNorm the gradient's norm over all matrices is cut to this
 * @param passes over the pairs
 * @param pairsPerStep pairs of one step
 * @param beta of DPO; the reference is the untuned model
 * @param sftWeight of NLL(chosen)
 * @param labelsPerStep label examples of one step
 * @param labelWeight of the label cross-entropy
 * @param replayTexts free-running texts of the untuned model, drawn once; 0 turns replay off
 * @param replayTokens their length
 * @param replayPerStep replay texts of one step
 * @param replayWeight of the KL term
 */
public record TuningSettings(
        int rank,
        double alpha,
        Set<String> targets,
        double learningRate,
        double clipNorm,
        int passes,
        int pairsPerStep,
        double beta,
        double sftWeight,
        int labelsPerStep,
        double labelWeight,
        int replayTexts,
        int replayTokens,
        int replayPerStep,
        double replayWeight) {
    /** Every linear layer of a Llama-type decoder. */
    public static final Set<String> ALL_LINEARS =
            Set.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj");

    public TuningSettings {
        targets = Set.copyOf(targets);
    }

    /** The settings found by experiment: docs/explanation-method.md. */
    public static TuningSettings defaults() {
        return new TuningSettings(
                16, 32, ALL_LINEARS, 3e-4, 1.0, 2, 4, 0.1, 0.2, 8, 0.5, 96, 40, 6, 2.0);
    }
}
