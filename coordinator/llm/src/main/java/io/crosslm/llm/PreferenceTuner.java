package io.crosslm.llm;

/** Tunes LoRA adapters on preference pairs, texts and soft labels. */
public interface PreferenceTuner {
    /**
     * Tunes further from the job's start adapter. The job alone decides the result, so that a job
     * that was killed can be run again.
     *
     * @throws LanguageModelException if the loss is not finite or the listener cancelled
     */
    default TuningResult tune(TuningJob job, TuningListener listener) {
        return tune(job, TuningCheckpoints.none(), listener);
    }

    /**
     * Tunes as {@link #tune(TuningJob, TuningListener)}, from where the same job stopped when it
     * was killed.
     */
    TuningResult tune(TuningJob job, TuningCheckpoints checkpoints, TuningListener listener);

    /**
     * How far an adapter has moved the model on the model's own free-running texts: mean over
     * tokens of KL(untuned || tuned), in nats. Texts depend on the seed only, so that adapters
     * compare.
     *
     * @param texts how many texts
     * @param tokens their length
     */
    double divergence(Adapter adapter, int texts, int tokens, long seed);
}
