package io.crosslm.coordinator.round;

/** Gives the language model, and opens it at the first call. Thread-safe. */
@FunctionalInterface
public interface LanguageModelSource extends AutoCloseable {
    /**
     * The model.
     *
     * @throws io.crosslm.coordinator.CoordinatorException NO_LANGUAGE_MODEL if the coordinator runs
     *     without one
     * @throws io.crosslm.llm.LanguageModelException if it cannot be opened
     */
    RoundModel languageModel();

    /** Closes the model that it gave. */
    @Override
    default void close() {}
}
