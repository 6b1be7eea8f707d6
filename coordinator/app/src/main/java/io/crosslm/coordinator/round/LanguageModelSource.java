package io.crosslm.coordinator.round;

import io.crosslm.llm.LanguageModel;

/** Gives the language model, and loads it at the first call. Thread-safe. */
@FunctionalInterface
public interface LanguageModelSource {
    /**
     * The model; the caller must not close it.
     *
     * @throws io.crosslm.coordinator.CoordinatorException NO_LANGUAGE_MODEL if the coordinator runs
     *     without one
     */
    LanguageModel languageModel();
}
