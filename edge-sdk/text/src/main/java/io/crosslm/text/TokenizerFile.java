package io.crosslm.text;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.crosslm.text.AddedToken.Trait;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a tokenizer.json holds. The long tables are read as a stream: a vocabulary of 250,000 tokens
 * as a tree would take a phone's memory. Confined to one thread.
 */
final class TokenizerFile {
    private static final int MAXIMUM_ADDED_TOKENS = 1 << 16;

    /** Everything but model and vocabulary. */
    final JsonObject root = new JsonObject();

    /** The model's options. */
    final JsonObject model = new JsonObject();

    /** Pairs "left right" by rank. */
    final List<String> merges = new ArrayList<>();

    private @Nullable String[] tokens = new @Nullable String[1024];
    private int size;
    private double[] scores = new double[0];

    private TokenizerFile() {}

    /**
     * Reads a file.
     *
     * @throws TokenizerException if it is malformed
     */
    static TokenizerFile read(Reader json) {
        TokenizerFile file = new TokenizerFile();
        try {
            JsonReader reader = new JsonReader(json);
            boolean hasModel = false;
            reader.beginObject();
            while (reader.hasNext()) {
                String name = reader.nextName();
                if (name.equals("model") && reader.peek() == JsonToken.BEGIN_OBJECT) {
                    hasModel = true;
                    file.readModel(reader);
                } else {
                    file.root.add(name, JsonParser.parseReader(reader));
                }
            }
            reader.endObject();
            if (!hasModel) {
                throw JsonParts.malformed("model is missing or not an object");
            }
            return file;
        } catch (IOException
                | JsonParseException
                | IllegalStateException
                | NumberFormatException e) {
            throw JsonParts.malformed(String.valueOf(e.getMessage()));
        }
    }

    private void readModel(JsonReader reader) throws IOException {
        reader.beginObject();
        while (reader.hasNext()) {
            String name = reader.nextName();
            if (name.equals("vocab") && reader.peek() == JsonToken.BEGIN_OBJECT) {
                readIds(reader);
            } else if (name.equals("vocab") && reader.peek() == JsonToken.BEGIN_ARRAY) {
                readScores(reader);
            } else if (name.equals("merges") && reader.peek() == JsonToken.BEGIN_ARRAY) {
                readMerges(reader);
            } else {
                model.add(name, JsonParser.parseReader(reader));
            }
        }
        reader.endObject();
    }

    private void readIds(JsonReader reader) throws IOException {
        reader.beginObject();
        while (reader.hasNext()) {
            String token = reader.nextName();
            put(reader.nextInt(), token);
        }
        reader.endObject();
    }

    private void readScores(JsonReader reader) throws IOException {
        reader.beginArray();
        while (reader.hasNext()) {
            reader.beginArray();
            int id = size;
            put(id, reader.nextString());
            if (id >= scores.length) {
                scores = Arrays.copyOf(scores, 1024 + 2 * id);
            }
            scores[id] = reader.nextDouble();
            reader.endArray();
        }
        reader.endArray();
        scores = Arrays.copyOf(scores, size);
    }

    /** Merges are strings "a b" in older files, pairs in newer ones. */
    private void readMerges(JsonReader reader) throws IOException {
        reader.beginArray();
        while (reader.hasNext()) {
            if (merges.size() == TokenizerJson.MAXIMUM_VOCABULARY) {
                throw JsonParts.malformed("more than " + merges.size() + " merges");
            }
            if (reader.peek() == JsonToken.BEGIN_ARRAY) {
                reader.beginArray();
                merges.add(reader.nextString() + " " + reader.nextString());
                reader.endArray();
            } else {
                merges.add(reader.nextString());
            }
        }
        reader.endArray();
    }

    private void put(int id, String token) {
        if (id < 0 || id >= TokenizerJson.MAXIMUM_VOCABULARY) {
            throw JsonParts.malformed(
                    "id " + id + " is not in 0 to " + (TokenizerJson.MAXIMUM_VOCABULARY - 1));
        }
        if (id >= tokens.length) {
            tokens = Arrays.copyOf(tokens, Math.max(id + 1, 2 * tokens.length));
        }
        String there = tokens[id];
        if (there != null && !there.equals(token)) {
            throw JsonParts.malformed("ids must be there each once, but two tokens have " + id);
        }
        tokens[id] = token;
        size = Math.max(size, id + 1);
    }

    /** The scores of a Unigram's vocabulary by id; none of other models. */
    double[] scores() {
        return scores.clone();
    }

    /**
     * All tokens, the added ones too.
     *
     * @param allControl whether every added token is a control token, as for BERT
     * @throws TokenizerException if an id has no token or two
     */
    Vocabulary vocabulary(boolean allControl) {
        List<AddedToken> added = new ArrayList<>();
        JsonElement found = root.get("added_tokens");
        if (found != null && !found.isJsonNull()) {
            if (found.getAsJsonArray().size() > MAXIMUM_ADDED_TOKENS) {
                throw JsonParts.malformed("more than " + MAXIMUM_ADDED_TOKENS + " added tokens");
            }
            for (JsonElement element : found.getAsJsonArray()) {
                AddedToken token = addedToken(element.getAsJsonObject(), allControl);
                put(token.id(), token.content());
                added.add(token);
            }
        }
        List<String> all = new ArrayList<>(size);
        for (int id = 0; id < size; id++) {
            String token = tokens[id];
            if (token == null) {
                throw JsonParts.malformed("id " + id + " has no token");
            }
            all.add(token);
        }
        return Vocabulary.of(all, added);
    }

    private static AddedToken addedToken(JsonObject token, boolean allControl) {
        String content = JsonParts.text(token, "content");
        JsonElement id = token.get("id");
        if (content.isEmpty() || id == null) {
            throw JsonParts.malformed("an added token has no content or no id");
        }
        EnumSet<Trait> traits = EnumSet.noneOf(Trait.class);
        if (allControl || JsonParts.isTrue(token, "special")) {
            traits.add(Trait.CONTROL);
        }
        add(token, "normalized", Trait.NORMALISED, traits);
        add(token, "single_word", Trait.SINGLE_WORD, traits);
        add(token, "lstrip", Trait.SPACE_BEFORE, traits);
        add(token, "rstrip", Trait.SPACE_AFTER, traits);
        return new AddedToken(id.getAsInt(), content, traits);
    }

    private static void add(JsonObject token, String name, Trait trait, EnumSet<Trait> traits) {
        if (JsonParts.isTrue(token, name)) {
            traits.add(trait);
        }
    }
}
