package io.crosslm.llm;

/**
 * AdamW (Loshchilov and Hutter 2019; beta1 0.9, beta2 0.999, epsilon 1e-8) and its course.
 *
 * @param learningRate highest rate
 * @param schedule what becomes of the rate after the warm-up
 * @param warmUp share of all steps in which the rate rises linearly to its highest; in [0, 1]
 * @param weightDecay decoupled, of all adapter matrices
 * @param clipNorm the gradient's norm over all matrices is cut to this
 * @param tokensAtOnce a step's items are cut into parts of so many tokens, whose gradients add up;
 *     one item always fits. Decides the memory of a step, not its result
 */
public record OptimiserSettings(
        double learningRate,
        Schedule schedule,
        double warmUp,
        double weightDecay,
        double clipNorm,
        int tokensAtOnce) {
    public OptimiserSettings {
        if (!(learningRate > 0) || !(clipNorm > 0) || !(weightDecay >= 0)) {
            throw new IllegalArgumentException(
                    "learningRate and clipNorm must be positive and weightDecay at least 0 but are "
                            + learningRate
                            + ", "
                            + clipNorm
                            + " and "
                            + weightDecay);
        }
        if (!(warmUp >= 0 && warmUp <= 1)) {
            throw new IllegalArgumentException("warmUp must be in [0, 1] but is " + warmUp);
        }
        if (tokensAtOnce < 1) {
            throw new IllegalArgumentException(
                    "tokensAtOnce must be at least 1 but is " + tokensAtOnce);
        }
    }

    /** Rate 3e-4, constant, no warm-up, decay 0.01, norm 1, 512 tokens. */
    public static OptimiserSettings defaults() {
        return new OptimiserSettings(3e-4, Schedule.CONSTANT, 0, 0.01, 1, 512);
    }

    public OptimiserSettings withLearningRate(double changed) {
        return new OptimiserSettings(
                changed, schedule, warmUp, weightDecay, clipNorm, tokensAtOnce);
    }

    public OptimiserSettings withSchedule(Schedule changed, double changedWarmUp) {
        return new OptimiserSettings(
                learningRate, changed, changedWarmUp, weightDecay, clipNorm, tokensAtOnce);
    }

    public OptimiserSettings withClipNorm(double changed) {
        return new OptimiserSettings(
                learningRate, schedule, warmUp, weightDecay, changed, tokensAtOnce);
    }

    public OptimiserSettings withTokensAtOnce(int changed) {
        return new OptimiserSettings(
                learningRate, schedule, warmUp, weightDecay, clipNorm, changed);
    }

    /**
     * The rate of a step.
     *
     * @param step from 0
     * @param steps in all
     */
    public double rate(int step, int steps) {
        long rising = Math.round(warmUp * steps);
        if (step < rising) {
            return learningRate * (step + 1) / rising;
        }
        if (schedule == Schedule.CONSTANT) {
            return learningRate;
        }
        double done = (double) (step - rising) / Math.max(1, steps - rising);
        return learningRate * 0.5 * (1 + Math.cos(Math.PI * done));
    }

    /** Course of the rate. */
    public enum Schedule {
        /** It stays. */
        CONSTANT,
        /** It falls to zero as half a cosine. */
        COSINE
    }
}
