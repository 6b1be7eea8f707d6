package io.crosslm.edge.engine;

import java.util.List;

/** Which rows go into which step, and how a step is made of them. Confined to one thread. */
interface Batches {
    int stepsPerEpoch();

    /** Rows of a step, on the mean. */
    double rowsPerStep();

    /** Row indexes of each step of the next epoch. */
    List<int[]> epoch();

    /** Makes a step and returns the loss before it. */
    double step(TrainingRun<?> run, int[] indexes, StepScalars scalars);
}
