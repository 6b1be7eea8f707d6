package io.crosslm.coordinator.task;

import io.crosslm.protocol.PrivacyMode;
import io.crosslm.protocol.wire.DpSgdTerms;
import io.crosslm.protocol.wire.RandomizedResponseTerms;
import io.crosslm.protocol.wire.Terms;

/**
 * How what leaves the devices is kept private; the devices count it and refuse more. What each mode
 * promises to whom: docs/explanation-trust.md.
 */
public sealed interface PrivacySettings {
    /** As in the terms of a task. */
    PrivacyMode mode();

    /** Terms with the mode and its parameters. */
    Terms.Builder toWire();

    /** Nothing is kept private. */
    record None() implements PrivacySettings {
        @Override
        public PrivacyMode mode() {
            return PrivacyMode.NONE;
        }

        @Override
        public Terms.Builder toWire() {
            return Terms.newBuilder().setPrivacyMode(mode().word());
        }
    }

    /**
     * The model that scores is trained with differential privacy for each private example.
     *
     * @param epsilon of all its trainings in the task together
     * @param clipNorm largest L2 norm of an example's gradient
     * @param trainings that share epsilon
     */
    record DpSgd(double epsilon, double delta, double clipNorm, int trainings)
            implements PrivacySettings {
        static final double DEFAULT_CLIP_NORM = 1;
        static final int DEFAULT_TRAININGS = 1;

        @Override
        public PrivacyMode mode() {
            return PrivacyMode.DP_SGD;
        }

        @Override
        public Terms.Builder toWire() {
            return Terms.newBuilder()
                    .setPrivacyMode(mode().word())
                    .setDpSgd(
                            DpSgdTerms.newBuilder()
                                    .setEpsilon(epsilon)
                                    .setDelta(delta)
                                    .setClipNorm(clipNorm)
                                    .setTrainings(trainings));
        }
    }

    /**
     * Each score is one randomised answer, private for all that the device holds.
     *
     * @param epsilon of an answer
     * @param totalEpsilon of all answers of a device in the task together, at delta
     */
    record RandomizedResponse(double epsilon, double totalEpsilon, double delta)
            implements PrivacySettings {
        @Override
        public PrivacyMode mode() {
            return PrivacyMode.RANDOMIZED_RESPONSE;
        }

        @Override
        public Terms.Builder toWire() {
            return Terms.newBuilder()
                    .setPrivacyMode(mode().word())
                    .setRandomizedResponse(
                            RandomizedResponseTerms.newBuilder()
                                    .setEpsilon(epsilon)
                                    .setTotalEpsilon(totalEpsilon)
                                    .setDelta(delta));
        }
    }
}
