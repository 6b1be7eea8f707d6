package io.crosslm.coordinator.dashboard;

import java.util.List;

/**
 * A task at a glance.
 *
 * @param state what its latest round does, in words
 * @param standalone mean accuracy of the small models on private texts alone; empty if not known
 * @param withPool the same after the latest closed round
 * @param privacy what bounds that which leaves the devices; empty if nothing does
 */
public record TaskCard(
        String name,
        String description,
        List<String> labels,
        String state,
        boolean running,
        String standalone,
        String withPool,
        String privacy) {}
