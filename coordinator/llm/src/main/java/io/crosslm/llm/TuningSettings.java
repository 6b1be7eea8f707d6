package io.crosslm.llm;

/**
 * Settings of LoRA tuning. One step's loss is preference(pairs) + labelWeight * cross-entropy(label
 * words, soft labels) + replay weight * KL(untuned || tuned).
 *
 * @param lora the adapter; a job with a start adapter keeps that one's matrices
 * @param optimiser AdamW and its course
 * @param preference loss of the pairs
 * @param passes over the pairs; over the texts or the label examples where there are no pairs
 * @param pairsPerStep pairs, or texts, of one step
 * @param labelsPerStep label examples of one step
 * @param labelWeight of the label cross-entropy
 * @param replay what keeps the model's general ability
 */
public record TuningSettings(
        LoraSettings lora,
        OptimiserSettings optimiser,
        PreferenceLoss preference,
        int passes,
        int pairsPerStep,
        int labelsPerStep,
        double labelWeight,
        ReplaySettings replay) {
    /** The settings found by experiment: docs/explanation-method.md. */
    public static TuningSettings defaults() {
        return new TuningSettings(
                LoraSettings.defaults(),
                OptimiserSettings.defaults(),
                PreferenceLoss.defaults(),
                2,
                4,
                8,
                0.5,
                ReplaySettings.defaults());
    }

    public TuningSettings withLora(LoraSettings changed) {
        return new TuningSettings(
                changed,
                optimiser,
                preference,
                passes,
                pairsPerStep,
                labelsPerStep,
                labelWeight,
                replay);
    }

    public TuningSettings withOptimiser(OptimiserSettings changed) {
        return new TuningSettings(
                lora,
                changed,
                preference,
                passes,
                pairsPerStep,
                labelsPerStep,
                labelWeight,
                replay);
    }

    public TuningSettings withPreference(PreferenceLoss changed) {
        return new TuningSettings(
                lora, optimiser, changed, passes, pairsPerStep, labelsPerStep, labelWeight, replay);
    }

    public TuningSettings withPasses(int changed) {
        return new TuningSettings(
                lora,
                optimiser,
                preference,
                changed,
                pairsPerStep,
                labelsPerStep,
                labelWeight,
                replay);
    }

    public TuningSettings withPairsPerStep(int changed) {
        return new TuningSettings(
                lora, optimiser, preference, passes, changed, labelsPerStep, labelWeight, replay);
    }

    public TuningSettings withLabels(int perStep, double weight) {
        return new TuningSettings(
                lora, optimiser, preference, passes, pairsPerStep, perStep, weight, replay);
    }

    public TuningSettings withReplay(ReplaySettings changed) {
        return new TuningSettings(
                lora,
                optimiser,
                preference,
                passes,
                pairsPerStep,
                labelsPerStep,
                labelWeight,
                changed);
    }
}
