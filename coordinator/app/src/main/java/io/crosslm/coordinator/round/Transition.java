package io.crosslm.coordinator.round;

import java.time.Instant;

/**
 * One row of a round's history: it came to this step.
 *
 * @param ordinal 0 for the plan, one more with each row; unique within the round
 * @param step that begins
 * @param at when, to the millisecond
 * @param reason why it failed or was cancelled; else empty
 */
public record Transition(int ordinal, RoundStep step, Instant at, String reason) {}
