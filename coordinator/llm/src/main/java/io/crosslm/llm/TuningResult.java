package io.crosslm.llm;

/**
 * What tuning gave.
 *
 * @param adapter the tuned adapter
 * @param steps optimiser steps taken
 * @param firstLoss mean loss of the first quarter of the steps
 * @param lastLoss mean loss of the last quarter
 * @param replayKl mean KL of the last quarter on the replay texts, in nats a token; 0 without
 *     replay
 */
public record TuningResult(
        Adapter adapter, int steps, double firstLoss, double lastLoss, double replayKl) {}
