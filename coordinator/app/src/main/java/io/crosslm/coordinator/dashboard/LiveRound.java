package io.crosslm.coordinator.dashboard;

import java.util.List;

/**
 * The round that runs, or the latest one.
 *
 * @param number 0 if there was none yet
 * @param steps all steps of a round in order
 * @param waiting whether the step waits for devices
 * @param reports of the step that waits, in time
 * @param reason why it failed, was cancelled or cannot go on for now; else empty
 */
public record LiveRound(
        int number,
        List<StepMark> steps,
        boolean running,
        boolean waiting,
        int reports,
        int expected,
        String samples,
        String reason) {
    /**
     * A step of the round.
     *
     * @param state done, now or ahead
     * @param seconds that it took; empty while it lasts
     */
    public record StepMark(String name, String state, String seconds) {}
}
