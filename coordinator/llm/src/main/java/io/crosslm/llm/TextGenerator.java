package io.crosslm.llm;

import java.util.List;

/** Samples completions of prompts. */
public interface TextGenerator {
    /**
     * Completes every prompt {@code completionsPerPrompt} times.
     *
     * @return prompts.size() * completionsPerPrompt completions, those of the first prompt first;
     *     the same request gives the same texts on the same machine
     * @throws LanguageModelException if a prompt has no tokens or is too long for the model
     */
    List<Completion> generate(GenerationRequest request, GenerationListener listener);
}
