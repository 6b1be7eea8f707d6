package io.crosslm.llm.remote;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.Sampling;
import java.util.ArrayList;
import java.util.List;

/** OpenAI's completions API, as far as it is used. Thread-safe. */
final class CompletionsApi {
    private static final String COMPLETIONS = "/v1/completions";
    private static final int NAMES_SHOWN = 8;

    private final ServerConnection server;
    private final String model;
    private final boolean foreign;

    /**
     * The API with a model.
     *
     * @param foreign whether {@link CompletionQuery#json} adds fields that are not OpenAI's
     */
    CompletionsApi(ServerConnection server, String model, boolean foreign) {
        this.server = server;
        this.model = model;
        this.foreign = foreign;
    }

    /**
     * The wanted model's name, or the only one's.
     *
     * @throws LanguageModelException REMOTE if the server does not have it, or several where none
     *     is named
     */
    static String model(ServerConnection server, String wanted, Deadline deadline) {
        List<String> names = new ArrayList<>();
        try {
            JsonElement list = server.get("/v1/models", deadline).json().get("data");
            for (JsonElement entry : list.getAsJsonArray()) {
                names.add(entry.getAsJsonObject().get("id").getAsString());
            }
        } catch (IllegalStateException | NullPointerException | UnsupportedOperationException e) {
            throw Choice.malformed("no list of models", e);
        }
        if (names.contains(wanted)) {
            return wanted;
        }
        if (wanted.isEmpty() && names.size() == 1) {
            return names.get(0);
        }
        throw new LanguageModelException(
                Code.REMOTE,
                (wanted.isEmpty()
                                ? "Expected the name of a model, for the server has " + names.size()
                                : "The language model's server does not have " + wanted + " but")
                        + ": "
                        + String.join(", ", names.subList(0, Math.min(NAMES_SHOWN, names.size()))));
    }

    /**
     * Checks that a request can be made of this sampling.
     *
     * @throws LanguageModelException BAD_INPUT if it has something that the server does not hear of
     */
    void check(Sampling sampling) {
        if (sampling.minNewTokens() > 0) {
            throw unheard("minNewTokens", "set it to 0");
        }
        if (!sampling.stopTokens().isEmpty()) {
            throw unheard("stopTokens", "use stops, which are strings");
        }
        if (foreign) {
            return;
        }
        if (sampling.topK() > 0) {
            throw unheard("topK", "set it to 0, or use topP");
        }
        if (sampling.minP() > 0) {
            throw unheard("minP", "set it to 0, or use topP");
        }
        if (sampling.repetitionPenalty() != 1) {
            throw unheard("repetitionPenalty", "set it to 1");
        }
    }

    private static LanguageModelException unheard(String field, String instead) {
        return new LanguageModelException(
                Code.BAD_INPUT,
                "Sampling has "
                        + field
                        + ", which the language model's server cannot be asked for; "
                        + instead
                        + ", or load the model here");
    }

    /** The server's answer, which may be a refusal. */
    Reply ask(CompletionQuery query, Deadline deadline) {
        return server.post(COMPLETIONS, query.json(model, foreign), deadline);
    }

    /**
     * A single choice.
     *
     * @throws LanguageModelException REMOTE if the server refuses or answers with another number
     */
    Choice one(CompletionQuery query, Deadline deadline) {
        List<Choice> choices = Choice.all(ask(query, deadline).json());
        if (choices.size() != 1) {
            throw counted(1, choices.size());
        }
        return choices.get(0);
    }

    /** Completions with the tokens of all of them. */
    Drawn draw(CompletionQuery query, Deadline deadline) {
        JsonObject answer = ask(query, deadline).json();
        List<Choice> choices = Choice.all(answer);
        if (choices.size() != query.choices()) {
            throw counted(query.choices(), choices.size());
        }
        return new Drawn(choices, tokens(answer));
    }

    private static int tokens(JsonObject answer) {
        try {
            return answer.getAsJsonObject("usage").get("completion_tokens").getAsInt();
        } catch (IllegalStateException
                | ClassCastException
                | NumberFormatException
                | NullPointerException
                | UnsupportedOperationException e) {
            throw Choice.malformed("no count of its tokens (usage.completion_tokens)", e);
        }
    }

    private static LanguageModelException counted(int asked, int came) {
        return new LanguageModelException(
                Code.REMOTE,
                "The language model's server was asked for "
                        + asked
                        + " completions but answered with "
                        + came);
    }

    /**
     * Choices of one answer.
     *
     * @param tokens of all of them together
     */
    record Drawn(List<Choice> choices, int tokens) {}
}
