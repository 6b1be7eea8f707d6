package io.crosslm.llm;

import java.time.Duration;
import java.util.List;

/**
 * What to write.
 *
 * @param prompts texts to continue, as they are: control tokens written in them are not read
 * @param completionsPerPrompt how many samples of each
 * @param sampling how tokens are drawn
 * @param seed of the draws
 * @param adapter applied to the model; {@link Adapter#none()} for the untuned model
 * @param timeLimit completions that are not done by then end where they are
 */
public record GenerationRequest(
        List<String> prompts,
        int completionsPerPrompt,
        Sampling sampling,
        long seed,
        Adapter adapter,
        Duration timeLimit) {
    /** As good as no limit: a year. */
    public static final Duration NO_LIMIT = Duration.ofDays(365);

    public GenerationRequest {
        prompts = List.copyOf(prompts);
        if (completionsPerPrompt < 1) {
            throw new IllegalArgumentException(
                    "completionsPerPrompt must be at least 1 but is " + completionsPerPrompt);
        }
        if (timeLimit.isNegative() || timeLimit.isZero() || timeLimit.compareTo(NO_LIMIT) > 0) {
            throw new IllegalArgumentException(
                    "timeLimit must be positive and at most a year but is " + timeLimit);
        }
    }

    /** Without a time limit. */
    public GenerationRequest(
            List<String> prompts,
            int completionsPerPrompt,
            Sampling sampling,
            long seed,
            Adapter adapter) {
        this(prompts, completionsPerPrompt, sampling, seed, adapter, NO_LIMIT);
    }

    /** The same, ended after a time; what was written until then comes back. */
    public GenerationRequest withTimeLimit(Duration limit) {
        return new GenerationRequest(prompts, completionsPerPrompt, sampling, seed, adapter, limit);
    }
}
