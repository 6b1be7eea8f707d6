package io.crosslm.edge.engine;

import java.util.List;

/**
 * A package's model in its runtime, as a {@link Trainer} needs it. Confined to one thread.
 *
 * @param <R> texts that were made ready for the runtime
 */
public interface TrainableGraph<R> {
    /** Makes texts ready that are asked for again and again. */
    R rows(List<String> texts);

    /**
     * Logits of rows, or anything that differs from them by a constant per row.
     *
     * @param count of the texts that the rows were made of
     * @return [count, labels]
     */
    float[][] logits(R rows, int count, Parameters parameters);

    /** Begins a run at the package's initial parameters; the caller closes it. */
    TrainingRun<R> begin(R rows, TrainingRows targets);
}
