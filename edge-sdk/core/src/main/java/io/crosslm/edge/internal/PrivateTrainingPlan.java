package io.crosslm.edge.internal;

import io.crosslm.edge.EdgeException;
import io.crosslm.edge.EdgeException.Code;
import io.crosslm.edge.model.LocalModel;
import io.crosslm.edge.model.PrivateCourse;
import io.crosslm.edge.model.PrivateTraining;
import io.crosslm.edge.privacy.PrivacyBudget;
import io.crosslm.edge.privacy.PrivacyGuarantee;
import io.crosslm.edge.privacy.RenyiLoss;
import io.crosslm.edge.privacy.SampledGaussian;
import io.crosslm.protocol.wire.DpSgdTerms;

/**
 * How the model that scores is trained under a task's terms of DP-SGD, and what it costs. How many
 * examples there are is not kept private: the noise depends on it.
 *
 * @param loss of one training
 * @param limit of all trainings together
 */
record PrivateTrainingPlan(PrivateTraining training, RenyiLoss loss, PrivacyGuarantee limit) {
    private static final double MORE_NOISE = 1.01;
    private static final double MOST_NOISE = 1.1;

    /**
     * The plan with the least noise by which so many trainings keep the limit. Trainings that were
     * of another course may leave a little less than their share: then there is up to a tenth more
     * noise.
     *
     * @throws io.crosslm.edge.model.ModelException NOT_PRIVATE if the model cannot be trained so
     * @throws EdgeException TERMS_REFUSED if no noise keeps the limit
     */
    static PrivateTrainingPlan of(
            LocalModel model, int examples, int maxEpochs, DpSgdTerms terms, PrivacyBudget budget) {
        PrivateCourse course = model.privateCourse(examples, maxEpochs);
        PrivacyGuarantee limit = new PrivacyGuarantee(terms.getEpsilon(), terms.getDelta());
        long steps = (long) course.steps() * terms.getTrainings();
        SampledGaussian mechanism;
        try {
            mechanism =
                    SampledGaussian.calibrated(
                            course.samplingRate(), (int) Math.min(Integer.MAX_VALUE, steps), limit);
        } catch (IllegalArgumentException e) {
            throw new EdgeException(
                    Code.TERMS_REFUSED, "the task's epsilon cannot be kept: " + e.getMessage(), e);
        }
        int left = (int) Math.max(1, terms.getTrainings() - budget.queries());
        double most = mechanism.noiseMultiplier() * MOST_NOISE;
        while (!budget.allows(mechanism.loss().times(course.steps()).times(left))
                && mechanism.noiseMultiplier() < most) {
            mechanism =
                    new SampledGaussian(
                            course.samplingRate(), mechanism.noiseMultiplier() * MORE_NOISE);
        }
        return of(course, mechanism, terms);
    }

    /**
     * The plan with a noise that was paid for: a training that was interrupted goes on with it,
     * whatever is left by now.
     *
     * @throws io.crosslm.edge.model.ModelException NOT_PRIVATE if the model cannot be trained so
     */
    static PrivateTrainingPlan paid(
            LocalModel model, int examples, int maxEpochs, DpSgdTerms terms, double noise) {
        PrivateCourse course = model.privateCourse(examples, maxEpochs);
        return of(course, new SampledGaussian(course.samplingRate(), noise), terms);
    }

    private static PrivateTrainingPlan of(
            PrivateCourse course, SampledGaussian mechanism, DpSgdTerms terms) {
        return new PrivateTrainingPlan(
                new PrivateTraining(
                        terms.getClipNorm(), mechanism.noiseMultiplier(), course.samplingRate()),
                mechanism.loss().times(course.steps()),
                new PrivacyGuarantee(terms.getEpsilon(), terms.getDelta()));
    }
}
