package io.crosslm.coordinator.sample;

import java.util.List;

/**
 * What the language model wrote for a round.
 *
 * @param samples those kept first
 * @param tokens drawn for them
 */
public record WrittenBatch(List<Sample> samples, long tokens) {
    public WrittenBatch {
        samples = List.copyOf(samples);
    }

    /** Samples that are sent to devices; their index is their position. */
    public List<Sample> kept() {
        return samples.stream().filter(Sample::isKept).toList();
    }
}
