package io.crosslm.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.Reader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads byte-pair encodings out of Hugging Face's tokenizer.json: byte-level ones and those in
 * SentencePiece's style.
 */
public final class TokenizerJson {
    /** The largest vocabulary that is read: {@value}. */
    public static final int MAXIMUM_VOCABULARY = 1 << 20;

    private TokenizerJson() {}

    /**
     * Reads a tokenizer.json.
     *
     * @throws TokenizerException if it is malformed, or a tokenizer of another kind: the message
     *     names what is not supported
     */
    public static Tokenizer read(Reader json) {
        try {
            return read(JsonParser.parseReader(json).getAsJsonObject());
        } catch (JsonParseException
                | IllegalStateException
                | NumberFormatException
                | UnsupportedOperationException
                | ClassCastException
                | NullPointerException e) {
            // The last one: a field is not there.
            throw malformed(String.valueOf(e.getMessage()));
        }
    }

    private static Tokenizer read(JsonObject root) {
        JsonObject model = object(root, "model");
        if (model.has("type") && !model.get("type").getAsString().equals("BPE")) {
            throw unsupported("model.type is " + model.get("type") + " where BPE was expected");
        }
        for (String affix : List.of("continuing_subword_prefix", "end_of_word_suffix")) {
            JsonElement found = optional(model, affix);
            if (found != null && !found.getAsString().isEmpty()) {
                throw unsupported("model." + affix + " is set");
            }
        }
        JsonObject vocabulary = object(model, "vocab");
        JsonElement added = optional(root, "added_tokens");
        Vocabulary tokens =
                new Vocabulary(vocabulary, added == null ? null : added.getAsJsonArray());
        JsonElement unknown = optional(model, "unk_token");
        int unknownId = unknown == null ? -1 : tokens.all.indexOf(unknown.getAsString());
        int[] begin = TokenizerJsonParts.beginTokens(optional(root, "post_processor"), tokens.all);
        JsonElement normalizer = optional(root, "normalizer");
        JsonElement preTokenizer = optional(root, "pre_tokenizer");
        if (TokenizerJsonParts.isByteLevel(preTokenizer)) {
            ByteLevelBpe.Extras extras =
                    ByteLevelBpe.Extras.NONE.withAddedTokens(tokens.added).withBeginTokens(begin);
            if (isTrue(model, "ignore_merges")) {
                extras = extras.withWholePieces();
            }
            if (TokenizerJsonParts.composes(normalizer)) {
                extras = extras.withComposition();
            }
            return ByteLevelBpe.of(
                    tokens.all,
                    merges(model),
                    tokens.control,
                    unknownId,
                    TokenizerJsonParts.split(preTokenizer),
                    extras);
        }
        SentencePieceRules rules =
                TokenizerJsonParts.sentencePiece(normalizer, preTokenizer, unknownId, begin)
                        .withUnknowns(isTrue(model, "byte_fallback"), isTrue(model, "fuse_unk"));
        return SentencePieceBpe.ofMerges(
                tokens.all, merges(model), tokens.control, tokens.added, rules);
    }

    private static int size(JsonObject vocabulary, @Nullable JsonArray added) {
        int size = 0;
        for (Map.Entry<String, JsonElement> entry : vocabulary.entrySet()) {
            size = Math.max(size, 1 + id(entry.getValue(), MAXIMUM_VOCABULARY));
        }
        if (added != null) {
            for (JsonElement element : added) {
                JsonElement id = element.getAsJsonObject().get("id");
                size = Math.max(size, 1 + id(id, MAXIMUM_VOCABULARY));
            }
        }
        return size;
    }

    private static int id(@Nullable JsonElement element, int limit) {
        if (element == null) {
            throw malformed("an added token has no id");
        }
        int id = element.getAsInt();
        if (id < 0 || id >= limit) {
            throw malformed("id " + id + " is not in 0 to " + (limit - 1));
        }
        return id;
    }

    /** Merges are strings "a b" in older files, pairs in newer ones. */
    private static List<String> merges(JsonObject model) {
        List<String> merges = new ArrayList<>();
        JsonElement found = model.get("merges");
        if (found == null) {
            throw malformed("model.merges is missing");
        }
        for (JsonElement merge : found.getAsJsonArray()) {
            if (merge.isJsonArray()) {
                JsonArray pair = merge.getAsJsonArray();
                if (pair.size() != 2) {
                    throw malformed("a merge has " + pair.size() + " parts where 2 were expected");
                }
                merges.add(pair.get(0).getAsString() + " " + pair.get(1).getAsString());
            } else {
                merges.add(merge.getAsString());
            }
        }
        return merges;
    }

    private static boolean isTrue(JsonObject part, String name) {
        return part.has(name) && part.get(name).getAsBoolean();
    }

    private static @Nullable JsonElement optional(JsonObject object, String name) {
        JsonElement found = object.get(name);
        return found == null || found.isJsonNull() ? null : found;
    }

    private static JsonObject object(JsonObject parent, String name) {
        JsonElement found = parent.get(name);
        if (found == null || !found.isJsonObject()) {
            throw malformed(name + " is missing or not an object");
        }
        return found.getAsJsonObject();
    }

    private static TokenizerException malformed(String what) {
        return new TokenizerException(TokenizerException.Code.MALFORMED, "tokenizer.json: " + what);
    }

    private static TokenizerException unsupported(String what) {
        return new TokenizerException(
                TokenizerException.Code.UNSUPPORTED, "tokenizer.json: " + what);
    }

    /** Tokens by id, and which of them are added. */
    private static final class Vocabulary {
        private final List<String> all;
        private final Set<Integer> control = new TreeSet<>();
        private final Set<Integer> added = new TreeSet<>();

        Vocabulary(JsonObject vocabulary, @Nullable JsonArray addedTokens) {
            String[] tokens = new String[size(vocabulary, addedTokens)];
            for (Map.Entry<String, JsonElement> entry : vocabulary.entrySet()) {
                tokens[id(entry.getValue(), tokens.length)] = entry.getKey();
            }
            if (addedTokens != null) {
                for (JsonElement element : addedTokens) {
                    JsonObject token = element.getAsJsonObject();
                    int id = id(token.get("id"), tokens.length);
                    tokens[id] = token.get("content").getAsString();
                    (isTrue(token, "special") ? control : added).add(id);
                }
            }
            for (int id = 0; id < tokens.length; id++) {
                if (tokens[id] == null) {
                    throw malformed("id " + id + " has no token");
                }
            }
            all = Arrays.asList(tokens);
        }
    }
}
