package io.crosslm.llm.remote;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One completion as a server answers it.
 *
 * @param finish "stop" or "length"
 * @param stop the stop string that ended it; null if the server does not tell or none did
 * @param tellsStop whether the server tells end tokens from stop strings
 * @param tokens with their log-probabilities; null where there are none
 */
record Choice(
        String text,
        String finish,
        @Nullable String stop,
        boolean tellsStop,
        @Nullable TokenTable tokens) {

    /**
     * The choices of an answer in the order of their indices.
     *
     * @throws LanguageModelException REMOTE if something is missing or twice
     */
    static List<Choice> all(JsonObject answer) {
        try {
            JsonElement list = answer.get("choices");
            if (list == null || !list.isJsonArray() || list.getAsJsonArray().isEmpty()) {
                throw malformed("no choices", null);
            }
            Choice[] choices = new Choice[list.getAsJsonArray().size()];
            for (JsonElement element : list.getAsJsonArray()) {
                JsonObject choice = element.getAsJsonObject();
                int index = choice.has("index") ? choice.get("index").getAsInt() : 0;
                if (index < 0 || index >= choices.length || choices[index] != null) {
                    throw malformed("choices whose indices are not 0, 1, …", null);
                }
                choices[index] = of(choice);
            }
            return new ArrayList<>(Arrays.asList(choices));
        } catch (IllegalStateException
                | ClassCastException
                | NumberFormatException
                | UnsupportedOperationException
                | NullPointerException e) {
            throw malformed("a field that is missing or of another type", e);
        }
    }

    private static Choice of(JsonObject choice) {
        JsonElement stop = choice.get("stop_reason");
        boolean stopped = stop != null && stop.isJsonPrimitive();
        return new Choice(
                choice.get("text").getAsString(),
                choice.get("finish_reason").getAsString(),
                stopped ? stop.getAsString() : null,
                choice.has("stop_reason"),
                TokenTable.of(choice.get("logprobs")));
    }

    /** Its tokens. */
    Optional<TokenTable> table() {
        return Optional.ofNullable(tokens);
    }

    static LanguageModelException malformed(String what, @Nullable Throwable cause) {
        String message = "The language model's server answered with " + what;
        return cause == null
                ? new LanguageModelException(Code.REMOTE, message)
                : new LanguageModelException(Code.REMOTE, message, cause);
    }
}
