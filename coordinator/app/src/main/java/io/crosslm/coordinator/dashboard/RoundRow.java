package io.crosslm.coordinator.dashboard;

/**
 * A round on one line; what it has not come to is a dash.
 *
 * @param reason why it failed, or why its adapter was not kept; else empty
 */
public record RoundRow(
        int number,
        String step,
        String texts,
        String reports,
        String pool,
        String standalone,
        String withPool,
        String llmAccuracy,
        String labelFidelity,
        String adapter,
        String seconds,
        String reason) {}
