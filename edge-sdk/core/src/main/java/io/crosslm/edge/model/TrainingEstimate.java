package io.crosslm.edge.model;

import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What a training would be, told without training.
 *
 * @param steps in all, early stopping left out
 * @param rowsPerStep examples and pool samples that the largest step computes at once; in a private
 *     training, where each example is computed apart, one for each thread at most
 * @param longestTokens tokens of the longest text, as far as they count; 0 where steps take
 *     features of a fixed size
 * @param memory by rows and tokens; null if the package does not tell
 */
public record TrainingEstimate(
        int steps, int rowsPerStep, int longestTokens, @Nullable TrainingMemory memory) {
    /** The most memory that it takes beside the opened model; empty if that is not known. */
    public OptionalLong memoryBytes() {
        return memory == null
                ? OptionalLong.empty()
                : OptionalLong.of(memory.bytes(rowsPerStep, longestTokens));
    }
}
