package io.crosslm.edge.internal;

import io.crosslm.edge.EdgeException;
import io.crosslm.edge.EdgeException.Code;
import io.crosslm.edge.model.TrainingEstimate;
import io.crosslm.edge.model.TrainingMemory;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What trainings may take of the device.
 *
 * @param memoryBytes beside the opened model; null for any
 * @param watts that the device takes while it trains, as the app stated; null if it did not
 */
public record TrainingAllowance(@Nullable Long memoryBytes, @Nullable Double watts) {
    private static final double MIB = 1 << 20;

    /** Any memory, and no power stated. */
    public static TrainingAllowance unlimited() {
        return new TrainingAllowance(null, null);
    }

    /**
     * Ends a training before its start if it needs more memory than is allowed. What needs an
     * unknown amount is let through.
     *
     * @throws EdgeException TRAINING_REFUSED, saying what would fit
     */
    void check(TrainingEstimate estimate) {
        TrainingMemory memory = estimate.memory();
        if (memoryBytes == null || memory == null) {
            return;
        }
        long needed = memory.bytes(estimate.rowsPerStep(), estimate.longestTokens());
        if (needed > memoryBytes) {
            throw new EdgeException(
                    Code.TRAINING_REFUSED,
                    "the training needs about "
                            + mebibytes(needed)
                            + " beside the model, but only "
                            + mebibytes(memoryBytes)
                            + " are allowed; "
                            + advice(estimate, memory, memoryBytes));
        }
    }

    private static String advice(TrainingEstimate estimate, TrainingMemory memory, long allowed) {
        int rows = memory.rowsWithin(allowed, estimate.longestTokens());
        int tokens = memory.tokensWithin(allowed, estimate.rowsPerStep(), estimate.longestTokens());
        if (rows == 0) {
            return mebibytes(memory.bytes(1, estimate.longestTokens()))
                    + " are needed with one text in a step: allow more, or take a lighter model";
        }
        String shorter =
                tokens == 0
                        ? ""
                        : ", or texts of "
                                + tokens
                                + " instead of "
                                + estimate.longestTokens()
                                + " tokens";
        return "allow more, or take a package with "
                + rows
                + " instead of "
                + estimate.rowsPerStep()
                + " texts in a step"
                + shorter
                + ", or a lighter model";
    }

    /** The energy of that time; null if no power was stated. */
    @Nullable Double joules(Duration time) {
        return watts == null ? null : watts * time.toMillis() / 1000;
    }

    /** The bytes in MiB, rounded up. */
    private static String mebibytes(long bytes) {
        return (long) Math.ceil(bytes / MIB) + " MiB";
    }
}
