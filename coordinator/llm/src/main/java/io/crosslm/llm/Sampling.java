package io.crosslm.llm;

import java.util.List;

/**
 * How tokens are drawn.
 *
 * @param temperature divides the logits; 0 takes the most likely token
 * @param topP draws from the smallest set of tokens whose probability reaches this; in (0, 1]
 * @param maxNewTokens a completion ends after so many tokens at the latest
 * @param stops a completion ends before the first of these strings; the end token always ends it
 */
public record Sampling(double temperature, double topP, int maxNewTokens, List<String> stops) {
    public Sampling {
        stops = List.copyOf(stops);
        if (!(temperature >= 0)) {
            throw new IllegalArgumentException(
                    "temperature must be 0 or more but is " + temperature);
        }
        if (!(topP > 0 && topP <= 1)) {
            throw new IllegalArgumentException("topP must be in (0, 1] but is " + topP);
        }
        if (maxNewTokens < 1) {
            throw new IllegalArgumentException(
                    "maxNewTokens must be at least 1 but is " + maxNewTokens);
        }
    }
}
