package io.crosslm.llm.remote;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.crosslm.llm.Sampling;
import java.util.List;

/**
 * What a server is asked to complete.
 *
 * @param choices completions of the prompt
 * @param logProbs how many of the likeliest tokens are told at each position; 0 for no
 *     log-probabilities at all
 * @param echo whether the prompt comes back with its own log-probabilities
 */
record CompletionQuery(
        String prompt, Sampling sampling, int choices, long seed, int logProbs, boolean echo) {
    private static final int SEED_BITS = 0x7fff_ffff;

    /** The likeliest next tokens of a prompt. */
    static CompletionQuery likeliest(String prompt, int tokens, int logProbs) {
        Sampling greedy = new Sampling(0, 1, tokens, List.of());
        return new CompletionQuery(prompt, greedy, 1, 0, logProbs, false);
    }

    /** A prompt's own tokens. */
    static CompletionQuery echo(String prompt) {
        // With a maximum of 0, one server writes until its end token.
        return new CompletionQuery(prompt, one(0), 1, 0, 1, true);
    }

    /** Some single tokens, drawn. */
    static CompletionQuery draws(String prompt, int choices) {
        return new CompletionQuery(prompt, one(1), choices, 1, 0, false);
    }

    private static Sampling one(double temperature) {
        return new Sampling(temperature, 1, 1, List.of());
    }

    /**
     * The request's body.
     *
     * @param foreign whether fields are sent that are not OpenAI's: they also keep a server from
     *     adding its own ideas of sampling where the request has none
     */
    JsonObject json(String model, boolean foreign) {
        JsonObject json = new JsonObject();
        json.addProperty("model", model);
        json.addProperty("prompt", prompt);
        json.addProperty("max_tokens", sampling.maxNewTokens());
        json.addProperty("temperature", sampling.temperature());
        json.addProperty("top_p", sampling.topP());
        json.addProperty("seed", (int) (seed ^ (seed >>> 32)) & SEED_BITS);
        if (choices > 1) {
            json.addProperty("n", choices);
        }
        if (!sampling.stops().isEmpty()) {
            JsonArray stops = new JsonArray();
            sampling.stops().forEach(stops::add);
            json.add("stop", stops);
        }
        if (logProbs > 0) {
            json.addProperty("logprobs", logProbs);
        }
        if (echo) {
            json.addProperty("echo", true);
        }
        if (foreign) {
            json.addProperty("top_k", sampling.topK());
            json.addProperty("min_p", sampling.minP());
            // llama.cpp's name and vLLM's.
            json.addProperty("repeat_penalty", sampling.repetitionPenalty());
            json.addProperty("repetition_penalty", sampling.repetitionPenalty());
        }
        return json;
    }
}
