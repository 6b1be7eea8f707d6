package io.crosslm.llm;

import java.util.List;

/**
 * How tokens are drawn. {@link #of} draws from all tokens at temperature 1; the rest is set by
 * {@code with} methods.
 *
 * @param temperature divides the logits; 0 takes the most likely token
 * @param topP draws from the smallest set of tokens whose probability reaches this; in (0, 1]
 * @param topK draws from so many of the most likely tokens; 0 for all
 * @param minP draws from tokens with at least this share of the likeliest one's probability; in [0,
 *     1)
 * @param repetitionPenalty logits of tokens that were there before, the prompt's too, are divided
 *     by this if positive and multiplied if negative; 1 changes nothing; at least 1
 * @param minNewTokens neither end token nor stop token is drawn before so many tokens
 * @param maxNewTokens a completion ends after so many tokens at the latest
 * @param stops a completion ends before the first of these strings; the model's end token always
 *     ends it
 * @param stopTokens ids that end a completion as the end token does
 */
public record Sampling(
        double temperature,
        double topP,
        int topK,
        double minP,
        double repetitionPenalty,
        int minNewTokens,
        int maxNewTokens,
        List<String> stops,
        List<Integer> stopTokens) {
    private static final int MAXIMUM_STOPS = 256;

    public Sampling {
        stops = List.copyOf(stops);
        stopTokens = List.copyOf(stopTokens);
        check(temperature >= 0, "temperature must be 0 or more but is ", temperature);
        check(topP > 0 && topP <= 1, "topP must be in (0, 1] but is ", topP);
        check(topK >= 0, "topK must be 0 or more but is ", topK);
        check(minP >= 0 && minP < 1, "minP must be in [0, 1) but is ", minP);
        check(
                repetitionPenalty >= 1 && repetitionPenalty <= 100,
                "repetitionPenalty must be in [1, 100] but is ",
                repetitionPenalty);
        check(maxNewTokens >= 1, "maxNewTokens must be at least 1 but is ", maxNewTokens);
        check(
                minNewTokens >= 0 && minNewTokens <= maxNewTokens,
                "minNewTokens must be in 0 to maxNewTokens but is ",
                minNewTokens);
        check(
                stops.size() <= MAXIMUM_STOPS && stops.stream().noneMatch(String::isEmpty),
                "stops must be at most " + MAXIMUM_STOPS + " strings, none empty, but are ",
                stops.size());
        check(stopTokens.size() <= MAXIMUM_STOPS, "too many stopTokens: ", stopTokens.size());
    }

    private static void check(boolean right, String expected, Number found) {
        if (!right) {
            throw new IllegalArgumentException(expected + found);
        }
    }

    /** With temperature, topP and stop strings only. */
    public Sampling(double temperature, double topP, int maxNewTokens, List<String> stops) {
        this(temperature, topP, 0, 0, 1, 0, maxNewTokens, stops, List.of());
    }

    /** Draws by the model's own probabilities. */
    public static Sampling of(int maxNewTokens) {
        return new Sampling(1, 1, maxNewTokens, List.of());
    }

    /** Takes the most likely token each time. */
    public static Sampling greedy(int maxNewTokens) {
        return new Sampling(0, 1, maxNewTokens, List.of());
    }

    public Sampling withTemperature(double changed) {
        return new Sampling(
                changed,
                topP,
                topK,
                minP,
                repetitionPenalty,
                minNewTokens,
                maxNewTokens,
                stops,
                stopTokens);
    }

    public Sampling withTopP(double changed) {
        return new Sampling(
                temperature,
                changed,
                topK,
                minP,
                repetitionPenalty,
                minNewTokens,
                maxNewTokens,
                stops,
                stopTokens);
    }

    public Sampling withTopK(int changed) {
        return new Sampling(
                temperature,
                topP,
                changed,
                minP,
                repetitionPenalty,
                minNewTokens,
                maxNewTokens,
                stops,
                stopTokens);
    }

    public Sampling withMinP(double changed) {
        return new Sampling(
                temperature,
                topP,
                topK,
                changed,
                repetitionPenalty,
                minNewTokens,
                maxNewTokens,
                stops,
                stopTokens);
    }

    public Sampling withRepetitionPenalty(double changed) {
        return new Sampling(
                temperature,
                topP,
                topK,
                minP,
                changed,
                minNewTokens,
                maxNewTokens,
                stops,
                stopTokens);
    }

    public Sampling withMinNewTokens(int changed) {
        return new Sampling(
                temperature,
                topP,
                topK,
                minP,
                repetitionPenalty,
                changed,
                maxNewTokens,
                stops,
                stopTokens);
    }

    public Sampling withStops(List<String> changed) {
        return new Sampling(
                temperature,
                topP,
                topK,
                minP,
                repetitionPenalty,
                minNewTokens,
                maxNewTokens,
                changed,
                stopTokens);
    }

    public Sampling withStopTokens(List<Integer> changed) {
        return new Sampling(
                temperature,
                topP,
                topK,
                minP,
                repetitionPenalty,
                minNewTokens,
                maxNewTokens,
                stops,
                changed);
    }
}
