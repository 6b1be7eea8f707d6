package io.crosslm.edge.engine;

/**
 * Steps of one training, one after the other. Confined to one thread.
 *
 * @param <R> texts that were made ready for the runtime
 */
public interface TrainingRun<R> extends AutoCloseable {
    /**
     * Makes a step and returns the loss before it, without the L2 term.
     *
     * @param indexes of the rows in it; the same array may come again
     */
    double step(int[] indexes, StepScalars scalars);

    /** Logits [count, labels] of rows with the parameters of the moment. */
    float[][] logits(R rows, int count);

    /** A copy of the parameters of the moment. */
    Parameters snapshot();

    @Override
    void close();
}
