package io.crosslm.llm.remote;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tokens of a text with their log-probabilities in nats, as OpenAI's completions API gives them. A
 * text's first token has none: NaN. Immutable.
 */
final class TokenTable {
    private final List<String> tokens = new ArrayList<>();
    private final List<Double> logProbs = new ArrayList<>();
    private final List<Integer> offsets = new ArrayList<>();
    private final List<Map<String, Double>> likeliest = new ArrayList<>();

    private TokenTable() {}

    /** Reads the field "logprobs"; null if it is absent or of another kind than asked for. */
    static @Nullable TokenTable of(@Nullable JsonElement field) {
        if (field == null || !field.isJsonObject() || !field.getAsJsonObject().has("tokens")) {
            return null;
        }
        JsonObject json = field.getAsJsonObject();
        JsonArray tokens = json.getAsJsonArray("tokens");
        JsonArray logProbs = json.getAsJsonArray("token_logprobs");
        TokenTable table = new TokenTable();
        for (int i = 0; i < tokens.size(); i++) {
            table.tokens.add(tokens.get(i).getAsString());
            table.logProbs.add(number(logProbs.get(i)));
            table.offsets.add(json.getAsJsonArray("text_offset").get(i).getAsInt());
            table.likeliest.add(map(json.get("top_logprobs"), i));
        }
        return table;
    }

    private static double number(JsonElement value) {
        return value.isJsonNull() ? Double.NaN : value.getAsDouble();
    }

    private static Map<String, Double> map(@Nullable JsonElement lists, int index) {
        Map<String, Double> map = new HashMap<>();
        if (lists != null && lists.isJsonArray() && index < lists.getAsJsonArray().size()) {
            JsonElement list = lists.getAsJsonArray().get(index);
            if (list.isJsonObject()) {
                list.getAsJsonObject()
                        .entrySet()
                        .forEach(entry -> map.put(entry.getKey(), number(entry.getValue())));
            }
        }
        return map;
    }

    int size() {
        return tokens.size();
    }

    String token(int index) {
        return tokens.get(index);
    }

    /** The tokens' text. */
    String text() {
        return String.join("", tokens);
    }

    double logProb(int index) {
        return logProbs.get(index);
    }

    /** Code points of the text before a token. */
    int offset(int index) {
        return offsets.get(index);
    }

    /** The likeliest tokens at a position. */
    Map<String, Double> likeliest(int index) {
        return likeliest.get(index);
    }

    /** Whether a token is the likeliest at its position. */
    boolean isLikeliest(int index) {
        double own = logProb(index);
        return likeliest.get(index).values().stream().allMatch(other -> other <= own);
    }
}
