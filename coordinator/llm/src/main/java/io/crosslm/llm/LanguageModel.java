package io.crosslm.llm;

/**
 * A causal language model that writes text, says how likely text is, and tunes LoRA adapters.
 *
 * <p>The model itself is never changed: an {@link Adapter} goes into each call and a new one comes
 * out of tuning. Calls may come from any thread; they run one after the other on a thread of the
 * model's own.
 */
public interface LanguageModel
        extends TextGenerator, LikelihoodScorer, PreferenceTuner, AutoCloseable {
    /** The model's name and what identifies its weights; shown to operators, stored with rounds. */
    ModelDescription description();

    /** Frees native memory. Calls in progress end first. */
    @Override
    void close();
}
