package io.crosslm.testkit;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleBiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A language model of a few words whose probabilities come from a hash of what is before them. A
 * token is a word with the space before it. Immutable.
 */
final class WordModel {
    private static final List<String> WORDS =
            List.of(" good", " bad", " sun", " rain", " and", " the", " five", ".", "\n", " tea");
    private static final Pattern TOKEN = Pattern.compile(" ?[^ \n]+|[ \n]");

    /** Nats of a word that it does not have. */
    private static final double UNKNOWN = -12;

    private final ToDoubleBiFunction<String, String> weight;

    /**
     * A model.
     *
     * @param weight logit of a word after a context
     */
    WordModel(ToDoubleBiFunction<String, String> weight) {
        this.weight = weight;
    }

    static double hashed(String context, String word) {
        int hash = (context + "|" + word).hashCode() * 0x9e3779b1;
        return 4.0 * (hash >>> 16) / 65536;
    }

    static List<String> tokens(String text) {
        List<String> tokens = new ArrayList<>();
        Matcher token = TOKEN.matcher(text);
        while (token.find()) {
            tokens.add(token.group());
        }
        return tokens;
    }

    double logProb(String context, String word) {
        if (!WORDS.contains(word)) {
            return UNKNOWN;
        }
        double sum = WORDS.stream().mapToDouble(w -> Math.exp(logit(context, w))).sum();
        return logit(context, word) - Math.log(sum);
    }

    private double logit(String context, String word) {
        return weight.applyAsDouble(context, word);
    }

    /** Words that go on, drawn; the likeliest ones at temperature 0. */
    List<String> write(String prompt, int count, double temperature, Random random) {
        List<String> written = new ArrayList<>();
        StringBuilder text = new StringBuilder(prompt);
        for (int i = 0; i < count; i++) {
            String context = text.toString();
            double u = random.nextDouble();
            String next =
                    WORDS.stream()
                            .max(Comparator.comparingDouble(w -> logit(context, w)))
                            .orElseThrow();
            if (temperature > 0) {
                for (String word : WORDS) {
                    u -= Math.exp(logProb(context, word));
                    if (u <= 0) {
                        next = word;
                        break;
                    }
                }
            }
            written.add(next);
            text.append(next);
        }
        return written;
    }

    /**
     * The field "logprobs" of tokens.
     *
     * @param before text before them; none of it for an echoed prompt
     * @param shift 1 gives each token the log-probability of its place's successor, as one server
     *     does
     */
    JsonObject table(String before, List<String> tokens, int listed, int shift) {
        JsonArray names = new JsonArray();
        JsonArray logProbs = new JsonArray();
        JsonArray offsets = new JsonArray();
        JsonArray lists = new JsonArray();
        StringBuilder text = new StringBuilder(before);
        for (String token : tokens) {
            names.add(token);
            offsets.add(text.codePointCount(0, text.length()));
            String context = shift == 0 ? text.toString() : text + token;
            if (text.length() == 0) {
                logProbs.add(JsonNull.INSTANCE);
                lists.add(JsonNull.INSTANCE);
            } else {
                logProbs.add(logProb(context, token));
                lists.add(list(context, listed));
            }
            text.append(token);
        }
        JsonObject table = new JsonObject();
        table.add("tokens", names);
        table.add("token_logprobs", logProbs);
        table.add("text_offset", offsets);
        table.add("top_logprobs", lists);
        return table;
    }

    private JsonObject list(String context, int listed) {
        JsonObject list = new JsonObject();
        WORDS.stream()
                .sorted(Comparator.comparingDouble(w -> -logit(context, w)))
                .limit(listed)
                .forEach(word -> list.addProperty(word, logProb(context, word)));
        return list;
    }
}
