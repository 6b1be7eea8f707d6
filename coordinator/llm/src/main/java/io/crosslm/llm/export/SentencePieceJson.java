package io.crosslm.llm.export;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.crosslm.llm.format.GgufFile;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What tokenizer.json says of a SentencePiece BPE that llama.cpp calls llama, in the form that
 * Transformers gives Llama 2's: spaces become U+2581, one stands before each part, code points
 * without a token become bytes. Immutable.
 *
 * <p>llama.cpp joins the neighbours whose token has the highest score; tokenizer.json has a list of
 * pairs instead, in the order of their tokens' scores.
 */
final class SentencePieceJson {
    private static final String SPACE = "\u2581";
    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    // SentencePiece's own limit is 16 code points; longer ones are somebody's added texts.
    private static final int MAXIMUM_TOKEN = 256;

    private final List<String> tokens;
    private final float[] scores;
    private final int[] types;
    private final boolean prepends;

    /**
     * The tokenizer of a file.
     *
     * @param types by id, as llama.cpp numbers them
     */
    SentencePieceJson(GgufFile gguf, List<String> tokens, int[] types) {
        this.tokens = tokens;
        this.types = types;
        scores = gguf.floats("tokenizer.ggml.scores");
        String prefix = "tokenizer.ggml.add_space_prefix";
        prepends = !gguf.has(prefix) || gguf.flag(prefix);
    }

    /** As many scores as tokens: else the file is malformed. */
    boolean isWhole() {
        return scores.length == tokens.size() && types.length == tokens.size();
    }

    JsonObject normalizer() {
        JsonArray steps = new JsonArray();
        if (prepends) {
            JsonObject prepend = new JsonObject();
            prepend.addProperty("type", "Prepend");
            prepend.addProperty("prepend", SPACE);
            steps.add(prepend);
        }
        steps.add(replace(" ", SPACE));
        return sequence("normalizers", steps);
    }

    JsonObject decoder() {
        JsonArray steps = new JsonArray();
        steps.add(replace(SPACE, " "));
        for (String type : List.of("ByteFallback", "Fuse")) {
            JsonObject step = new JsonObject();
            step.addProperty("type", type);
            steps.add(step);
        }
        if (prepends) {
            JsonObject strip = new JsonObject();
            strip.addProperty("type", "Strip");
            strip.addProperty("content", " ");
            strip.addProperty("start", 1);
            strip.addProperty("stop", 0);
            steps.add(strip);
        }
        return sequence("decoders", steps);
    }

    JsonObject model() {
        Map<String, Integer> ids = new HashMap<>();
        JsonObject vocabulary = new JsonObject();
        JsonObject model = new JsonObject();
        model.addProperty("type", "BPE");
        model.add("dropout", JsonNull.INSTANCE);
        model.add("unk_token", JsonNull.INSTANCE);
        for (int id = 0; id < tokens.size(); id++) {
            ids.putIfAbsent(tokens.get(id), id);
            vocabulary.addProperty(tokens.get(id), id);
            if (types[id] == UNKNOWN) {
                model.addProperty("unk_token", tokens.get(id));
            }
        }
        model.add("continuing_subword_prefix", JsonNull.INSTANCE);
        model.add("end_of_word_suffix", JsonNull.INSTANCE);
        model.addProperty("fuse_unk", true);
        model.addProperty("byte_fallback", true);
        model.addProperty("ignore_merges", false);
        model.add("vocab", vocabulary);
        model.add("merges", merges(ids));
        return model;
    }

    /** Pairs of tokens that make a token, the best token first, then by id and length of left. */
    private JsonArray merges(Map<String, Integer> ids) {
        List<Merge> merges = new ArrayList<>();
        for (int id = 0; id < tokens.size(); id++) {
            String token = tokens.get(id);
            if (isControl(id) || token.length() > MAXIMUM_TOKEN) {
                continue;
            }
            for (int cut = 1; cut < token.length(); cut++) {
                Integer left = ids.get(token.substring(0, cut));
                Integer right = ids.get(token.substring(cut));
                if (left != null && right != null && !isControl(left) && !isControl(right)) {
                    merges.add(new Merge(id, cut));
                }
            }
        }
        merges.sort(
                Comparator.<Merge>comparingDouble(merge -> -scores[merge.id()])
                        .thenComparingInt(Merge::id));
        JsonArray pairs = new JsonArray();
        for (Merge merge : merges) {
            String token = tokens.get(merge.id());
            JsonArray pair = new JsonArray();
            // As two texts: a token may have a space in it.
            pair.add(token.substring(0, merge.cut()));
            pair.add(token.substring(merge.cut()));
            pairs.add(pair);
        }
        return pairs;
    }

    private boolean isControl(int id) {
        return types[id] == CONTROL || types[id] == UNKNOWN;
    }

    private static JsonObject replace(String from, String to) {
        JsonObject pattern = new JsonObject();
        pattern.addProperty("String", from);
        JsonObject replace = new JsonObject();
        replace.addProperty("type", "Replace");
        replace.add("pattern", pattern);
        replace.addProperty("content", to);
        return replace;
    }

    private static JsonObject sequence(String name, JsonArray steps) {
        JsonObject sequence = new JsonObject();
        sequence.addProperty("type", "Sequence");
        sequence.add(name, steps);
        return sequence;
    }

    /** A token cut in two. */
    private record Merge(int id, int cut) {}
}
