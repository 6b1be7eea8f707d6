package io.crosslm.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.Reader;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads WordPiece tokenizers out of Hugging Face's tokenizer.json. */
public final class WordPieceJson {
    /** The largest vocabulary that is read: {@value}. */
    public static final int MAXIMUM_VOCABULARY = 1 << 20;

    /** The most control tokens that are read: {@value}. */
    public static final int MAXIMUM_CONTROL_TOKENS = 1024;

    private static final int DEFAULT_MAXIMUM_WORD_LENGTH = 100;

    private WordPieceJson() {}

    /**
     * Reads a tokenizer.json; its padding and truncation are left out.
     *
     * @throws TokenizerException if it is malformed or not a WordPiece with BERT's normaliser
     */
    public static WordPiece read(Reader json) {
        try {
            return new WordPiece(parts(JsonParser.parseReader(json).getAsJsonObject()));
        } catch (JsonParseException
                | IllegalStateException
                | NumberFormatException
                | UnsupportedOperationException e) {
            throw malformed(String.valueOf(e.getMessage()));
        }
    }

    private static Parts parts(JsonObject root) {
        JsonObject model = object(root, "model");
        expectType(model, "model", "WordPiece");
        expectType(object(root, "pre_tokenizer"), "pre_tokenizer", "BertPreTokenizer");
        Parts parts = new Parts();
        parts.normaliser = normaliser(object(root, "normalizer"));
        JsonObject vocabulary = object(model, "vocab");
        JsonElement added = root.get("added_tokens");
        JsonArray extra =
                added == null || added.isJsonNull() ? new JsonArray() : added.getAsJsonArray();
        if (vocabulary.size() > MAXIMUM_VOCABULARY || extra.size() > MAXIMUM_CONTROL_TOKENS) {
            throw malformed(
                    "it has "
                            + vocabulary.size()
                            + " tokens and "
                            + extra.size()
                            + " added ones where at most "
                            + MAXIMUM_VOCABULARY
                            + " and "
                            + MAXIMUM_CONTROL_TOKENS
                            + " are read");
        }
        Map<String, Integer> ids = new HashMap<>();
        for (Map.Entry<String, JsonElement> entry : vocabulary.entrySet()) {
            ids.put(entry.getKey(), id(entry.getValue()));
        }
        parts.controlTokens = new TreeMap<>();
        for (JsonElement element : extra) {
            JsonObject token = element.getAsJsonObject();
            String content = text(token.get("content"), "content of an added token");
            if (content.isEmpty()) {
                throw malformed("an added token has no content");
            }
            ids.put(content, id(token.get("id")));
            parts.controlTokens.put(content, id(token.get("id")));
        }
        parts.tokens = tokens(ids);
        parts.unknown = known(ids, textOr(model.get("unk_token"), "[UNK]"));
        parts.continuation = textOr(model.get("continuing_subword_prefix"), "##");
        if (parts.continuation.isEmpty()) {
            throw malformed("continuing_subword_prefix is empty");
        }
        JsonElement length = model.get("max_input_chars_per_word");
        parts.maximumWordLength = length == null ? DEFAULT_MAXIMUM_WORD_LENGTH : length.getAsInt();
        frame(root, ids, parts);
        return parts;
    }

    /** Begin and end token: the first and last part of the post-processor's template. */
    private static void frame(JsonObject root, Map<String, Integer> ids, Parts parts) {
        JsonObject processor = object(root, "post_processor");
        String type = text(processor.get("type"), "post_processor.type");
        if (type.equals("BertProcessing")) {
            parts.first = id(processor.getAsJsonArray("cls").get(1));
            parts.last = id(processor.getAsJsonArray("sep").get(1));
        } else if (type.equals("TemplateProcessing")) {
            JsonElement single = processor.get("single");
            if (single == null || single.getAsJsonArray().size() != 3) {
                throw unsupported("post_processor.single is not begin token, text, end token");
            }
            parts.first = special(single.getAsJsonArray().get(0), ids);
            parts.last = special(single.getAsJsonArray().get(2), ids);
        } else {
            throw unsupported("post_processor.type is " + type);
        }
        if (parts.first >= parts.tokens.length || parts.last >= parts.tokens.length) {
            throw malformed("the begin or end token is not in the vocabulary");
        }
    }

    private static int special(JsonElement part, Map<String, Integer> ids) {
        JsonElement token = part.getAsJsonObject().get("SpecialToken");
        if (token == null) {
            throw unsupported("post_processor.single is not begin token, text, end token");
        }
        return known(ids, text(token.getAsJsonObject().get("id"), "SpecialToken.id"));
    }

    private static BertNormaliser normaliser(JsonObject options) {
        expectType(options, "normalizer", "BertNormalizer");
        boolean lowerCase = flag(options, "lowercase", true);
        return new BertNormaliser(
                flag(options, "clean_text", true),
                flag(options, "handle_chinese_chars", true),
                flag(options, "strip_accents", lowerCase),
                lowerCase);
    }

    private static String[] tokens(Map<String, Integer> ids) {
        @Nullable String[] tokens = new @Nullable String[ids.size()];
        for (Map.Entry<String, Integer> entry : ids.entrySet()) {
            int id = entry.getValue();
            if (id >= tokens.length || tokens[id] != null) {
                throw malformed(
                        "ids must be 0 to " + (tokens.length - 1) + ", each once, but found " + id);
            }
            tokens[id] = entry.getKey();
        }
        String[] all = new String[tokens.length];
        for (int id = 0; id < all.length; id++) {
            String token = tokens[id];
            if (token == null) {
                throw malformed("id " + id + " has no token");
            }
            all[id] = token;
        }
        return all;
    }

    private static int known(Map<String, Integer> ids, String token) {
        Integer id = ids.get(token);
        if (id == null) {
            throw malformed("the vocabulary lacks " + token);
        }
        return id;
    }

    private static int id(@Nullable JsonElement element) {
        if (element == null) {
            throw malformed("a token has no id");
        }
        int id = element.getAsInt();
        if (id < 0 || id >= MAXIMUM_VOCABULARY) {
            throw malformed("id " + id + " is not in 0 to " + (MAXIMUM_VOCABULARY - 1));
        }
        return id;
    }

    private static boolean flag(JsonObject options, String name, boolean otherwise) {
        JsonElement found = options.get(name);
        return found == null || found.isJsonNull() ? otherwise : found.getAsBoolean();
    }

    private static void expectType(JsonObject part, String name, String expected) {
        String type = textOr(part.get("type"), "");
        if (!type.equals(expected)) {
            throw unsupported(name + ".type is " + type + " where " + expected + " was expected");
        }
    }

    private static String text(@Nullable JsonElement element, String name) {
        if (element == null || !element.isJsonPrimitive()) {
            throw malformed(name + " is missing or not a string");
        }
        return element.getAsString();
    }

    private static String textOr(@Nullable JsonElement element, String otherwise) {
        return element == null || !element.isJsonPrimitive() ? otherwise : element.getAsString();
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

    /** What a WordPiece is made of. */
    static final class Parts {
        BertNormaliser normaliser = new BertNormaliser(true, true, true, true);
        String[] tokens = new String[0];
        Map<String, Integer> controlTokens = new TreeMap<>();
        String continuation = "##";
        int unknown;
        int first;
        int last;
        int maximumWordLength;
    }
}
