package io.crosslm.llm;

import java.util.List;

/**
 * What to write.
 *
 * @param prompts texts to continue, as they are: control tokens written in them are not read
 * @param completionsPerPrompt how many samples of each
 * @param sampling how tokens are drawn
 * @param seed of the draws
 * @param adapter applied to the model; {@link Adapter#none()} for the untuned model
 */
public record GenerationRequest(
        List<String> prompts,
        int completionsPerPrompt,
        Sampling sampling,
        long seed,
        Adapter adapter) {
    public GenerationRequest {
        prompts = List.copyOf(prompts);
        if (completionsPerPrompt < 1) {
            throw new IllegalArgumentException(
                    "completionsPerPrompt must be at least 1 but is " + completionsPerPrompt);
        }
    }
}
