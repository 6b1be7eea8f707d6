package io.crosslm.slm.pack;

import io.crosslm.slm.autodiff.AdamW;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How devices optimise, by mode. Those of head and LoRA were found by experiment, see
 * docs/explanation-on-device-training.md; those of all weights and of biases are usual values, see
 * docs/results/slm.md.
 *
 * @param learningRate largest step of AdamW
 * @param warmUp share of all steps in which the rate rises from 0; afterwards it falls to 0 as a
 *     cosine
 * @param weightDecay of AdamW
 * @param inverseStrength C of logistic regression: the L2 term is |W|^2 / (2 C n), n the weighted
 *     number of rows; 0 leaves the term out
 * @param epochs over the private examples at most
 * @param batchSize rows in a step; 0 for all rows in one step
 * @param poolRowsPerStep pool rows beside every batch; without meaning where all rows go in one
 *     step
 * @param stopStandardErrors how many standard errors an earlier state's validation loss must be
 *     below the last one's to be preferred
 */
record TrainingDefaults(
        double learningRate,
        double warmUp,
        double weightDecay,
        double inverseStrength,
        int epochs,
        int batchSize,
        int poolRowsPerStep,
        double stopStandardErrors) {
    /** A convex problem: all rows in every step, so that neither order nor seed matters. */
    static final TrainingDefaults HEAD = new TrainingDefaults(0.1, 0, 0, 20, 200, 0, 0, 2);

    static final TrainingDefaults LORA = new TrainingDefaults(2e-3, 0.1, 0.01, 0, 20, 16, 16, 0);

    static final TrainingDefaults FULL = new TrainingDefaults(1e-4, 0.1, 0.01, 0, 20, 16, 16, 0);

    static final TrainingDefaults BIAS = new TrainingDefaults(3e-3, 0.1, 0, 0, 20, 16, 16, 0);

    static final TrainingDefaults BAG = new TrainingDefaults(0.03, 0.1, 0, 0, 15, 24, 24, 2);

    static final TrainingDefaults CNN = new TrainingDefaults(0.01, 0.1, 0, 0, 20, 24, 24, 2);

    static final TrainingDefaults TRANSFORMER =
            new TrainingDefaults(0.01, 0.1, 0, 0, 10, 24, 24, 2);

    static TrainingDefaults of(SlmMode mode) {
        return switch (mode) {
            case HEAD -> HEAD;
            case LORA -> LORA;
            case FULL -> FULL;
            case BIAS -> BIAS;
        };
    }

    Map<String, Object> toManifest() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("learningRate", learningRate);
        values.put("beta1", AdamW.BETA_1);
        values.put("beta2", AdamW.BETA_2);
        values.put("warmUp", warmUp);
        values.put("weightDecay", weightDecay);
        values.put("inverseStrength", inverseStrength);
        values.put("epochs", epochs);
        values.put("batchSize", batchSize);
        values.put("poolRowsPerStep", poolRowsPerStep);
        values.put("stopStandardErrors", stopStandardErrors);
        return values;
    }
}
