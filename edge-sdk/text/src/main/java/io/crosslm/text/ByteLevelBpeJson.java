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

/** Reads byte-level BPE tokenizers out of Hugging Face's tokenizer.json. */
public final class ByteLevelBpeJson {
    /** The largest vocabulary that is read: {@value}. */
    public static final int MAXIMUM_VOCABULARY = 1 << 20;

    private ByteLevelBpeJson() {}

    /**
     * Reads a tokenizer.json.
     *
     * @throws TokenizerException if it is malformed or not a byte-level BPE
     */
    public static ByteLevelBpe read(Reader json) {
        try {
            return read(JsonParser.parseReader(json).getAsJsonObject());
        } catch (JsonParseException
                | IllegalStateException
                | NumberFormatException
                | UnsupportedOperationException e) {
            throw malformed(String.valueOf(e.getMessage()));
        }
    }

    private static ByteLevelBpe read(JsonObject root) {
        JsonObject model = object(root, "model");
        if (model.has("type") && !model.get("type").getAsString().equals("BPE")) {
            throw unsupported("model.type is " + model.get("type") + " where BPE was expected");
        }
        if (root.has("normalizer") && !root.get("normalizer").isJsonNull()) {
            throw unsupported("a normalizer was found where none was expected");
        }
        ByteLevelBpeSplit split = split(root.get("pre_tokenizer"));
        JsonObject vocabulary = object(model, "vocab");
        JsonArray added = root.has("added_tokens") ? root.getAsJsonArray("added_tokens") : null;
        String[] tokens = new String[size(vocabulary, added)];
        for (Map.Entry<String, JsonElement> entry : vocabulary.entrySet()) {
            tokens[id(entry.getValue(), tokens.length)] = entry.getKey();
        }
        Set<Integer> control = new TreeSet<>();
        if (added != null) {
            for (JsonElement element : added) {
                JsonObject token = element.getAsJsonObject();
                int id = id(token.get("id"), tokens.length);
                tokens[id] = token.get("content").getAsString();
                if (token.has("special") && token.get("special").getAsBoolean()) {
                    control.add(id);
                }
            }
        }
        for (int id = 0; id < tokens.length; id++) {
            if (tokens[id] == null) {
                throw malformed("id " + id + " has no token");
            }
        }
        List<String> all = Arrays.asList(tokens);
        JsonElement unknown = model.get("unk_token");
        int unknownId =
                unknown == null || unknown.isJsonNull() ? -1 : all.indexOf(unknown.getAsString());
        return ByteLevelBpe.of(all, merges(model), control, unknownId, split);
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

    private static ByteLevelBpeSplit split(@Nullable JsonElement element) {
        if (element == null || element.isJsonNull()) {
            throw unsupported("there is no pre_tokenizer where ByteLevel was expected");
        }
        JsonObject first = element.getAsJsonObject();
        if (isByteLevel(first)) {
            return ByteLevelBpeSplit.GPT2;
        }
        if (type(first).equals("Sequence")) {
            JsonArray parts = first.getAsJsonArray("pretokenizers");
            if (parts.size() == 2
                    && isSingleDigits(parts.get(0).getAsJsonObject())
                    && isByteLevel(parts.get(1).getAsJsonObject())) {
                return ByteLevelBpeSplit.SMOLLM;
            }
        }
        throw unsupported(
                "pre_tokenizer is neither ByteLevel nor single Digits followed by ByteLevel");
    }

    private static boolean isByteLevel(JsonObject part) {
        return type(part).equals("ByteLevel")
                && !isTrue(part, "add_prefix_space")
                && (!part.has("use_regex") || isTrue(part, "use_regex"));
    }

    private static boolean isSingleDigits(JsonObject part) {
        return type(part).equals("Digits") && isTrue(part, "individual_digits");
    }

    private static boolean isTrue(JsonObject part, String name) {
        return part.has(name) && part.get(name).getAsBoolean();
    }

    private static String type(JsonObject part) {
        return part.has("type") ? part.get("type").getAsString() : "";
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
}
