package io.crosslm.coordinator.round;

import io.crosslm.protocol.wire.Step;

/** Where a round is; each but the last four leads to the one after it or to an early end. */
public enum RoundStep {
    /** Waits for the rounds before it. */
    PLANNED(Step.STEP_PLANNED),
    /** The language model writes samples. */
    GENERATING(Step.STEP_GENERATING),
    /** Devices score them. */
    SCORING(Step.STEP_SCORING),
    /** Scores are fused and tune the language model. */
    TUNING(Step.STEP_TUNING),
    /** Good samples join the pool. */
    CURATING(Step.STEP_CURATING),
    /** Devices train on the pool and report how well. */
    TRAINING(Step.STEP_TRAINING),
    /** Ended well. */
    CLOSED(Step.STEP_CLOSED),
    /** Ended with a reason. */
    FAILED(Step.STEP_FAILED),
    /** Ended by an operator. */
    CANCELLED(Step.STEP_CANCELLED);

    private final Step wire;

    RoundStep(Step wire) {
        this.wire = wire;
    }

    /** As it stands in announcements. */
    public Step toWire() {
        return wire;
    }

    /** Whether nothing follows. */
    public boolean isOver() {
        return compareTo(CLOSED) >= 0;
    }
}
