package io.crosslm.edge.engine;

import io.crosslm.edge.model.ModelException;
import java.util.Collections;
import java.util.Map;

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

    /**
     * Makes a step with differential privacy; see {@link PrivateStep}.
     *
     * @param indexes of the rows in it, often of another number; there may be none, and the noise
     *     counts all the same
     * @throws ModelException if the package has no such step
     */
    default double privateStep(int[] indexes, StepScalars scalars, PrivateStep privacy) {
        throw new ModelException(
                ModelException.Code.NOT_PRIVATE,
                "The package's model cannot be trained with differential privacy; take one whose"
                        + " train graph clips each example's gradient");
    }

    /** Logits [count, labels] of rows with the parameters of the moment. */
    float[][] logits(R rows, int count);

    /** A copy of the parameters of the moment. */
    Parameters snapshot();

    /**
     * Copies of all that the next steps depend on besides the rows, by name: parameters and the
     * optimiser's moments. Empty if the runtime cannot tell; a training that was interrupted then
     * begins anew.
     */
    default Map<String, float[]> state() {
        return Collections.emptyMap();
    }

    /**
     * Puts back what {@link #state} of a run on the same package gave.
     *
     * @return whether it was taken: with the same steps, the run then comes to the same bits
     */
    default boolean resume(Map<String, float[]> state) {
        return false;
    }

    @Override
    void close();
}
