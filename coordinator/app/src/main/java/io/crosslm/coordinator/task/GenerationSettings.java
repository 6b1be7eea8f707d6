package io.crosslm.coordinator.task;

/**
 * How a round's samples are written and which are dropped.
 *
 * @param samplesPerRound about so many, equally many per label
 * @param completionsPerPrompt of each prompt
 * @param maxNewTokens a sample ends after so many tokens
 * @param temperature of the draws
 * @param topP of the draws
 * @param minimumCharacters shorter samples are dropped
 * @param maximumCharacters longer samples are dropped
 * @param exemplarsPerPrompt blocks before the one to complete, at most
 */
public record GenerationSettings(
        int samplesPerRound,
        int completionsPerPrompt,
        int maxNewTokens,
        double temperature,
        double topP,
        int minimumCharacters,
        int maximumCharacters,
        int exemplarsPerPrompt) {
    static final GenerationSettings DEFAULTS =
            new GenerationSettings(192, 8, 32, 1.0, 0.95, 10, 300, 6);

    /** Prompts per label, so that the round has about as many samples as asked for. */
    public int promptsPerLabel(int labelCount) {
        double prompts = (double) samplesPerRound / (labelCount * completionsPerPrompt);
        return (int) Math.max(1, Math.round(prompts));
    }
}
