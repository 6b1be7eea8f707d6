package io.crosslm.agent;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.crosslm.agent.AgentException.Code;
import java.io.IOException;
import java.io.StringReader;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** JSON Lines: one object a line, strict JSON; blank lines are passed over. */
final class JsonlRows implements Rows {
    private final TextLines lines;
    private final List<String> wanted;
    private boolean whole = true;

    JsonlRows(TextLines lines, List<String> wanted) {
        this.lines = lines;
        this.wanted = wanted;
    }

    @Override
    public @Nullable Row next() {
        whole = false;
        String line = lines.next();
        while (line != null && line.isBlank()) {
            line = lines.next();
        }
        Row row = line == null ? null : parsed(line);
        whole = true;
        return row;
    }

    /** An object that is closed is whole, with or without the line's end. */
    @Override
    public boolean mayBeCut() {
        return !whole && !lines.isLineEnded();
    }

    /** Gson's messages quote names out of the line, so that none of them is passed on. */
    private Row parsed(String line) {
        JsonReader reader = new JsonReader(new StringReader(line));
        reader.setStrictness(Strictness.STRICT);
        try {
            if (reader.peek() != JsonToken.BEGIN_OBJECT) {
                throw mismatch("another kind of JSON value");
            }
            Row row = new Row(lines.place(), fields(reader));
            if (reader.peek() != JsonToken.END_DOCUMENT) {
                throw mismatch("more after the object");
            }
            return row;
        } catch (IOException | IllegalStateException | NumberFormatException e) {
            throw mismatch("text that is not JSON");
        }
    }

    private Map<String, String> fields(JsonReader reader) throws IOException {
        Map<String, String> fields = new HashMap<>();
        reader.beginObject();
        while (reader.hasNext()) {
            String name = reader.nextName();
            JsonToken token = reader.peek();
            if (!wanted.contains(name) || token == JsonToken.NULL) {
                reader.skipValue();
            } else if (token == JsonToken.BOOLEAN) {
                fields.put(name, Boolean.toString(reader.nextBoolean()));
            } else if (token == JsonToken.STRING || token == JsonToken.NUMBER) {
                fields.put(name, reader.nextString());
            } else {
                throw mismatch("\"" + name + "\" as an object or a list");
            }
        }
        reader.endObject();
        return fields;
    }

    private AgentException mismatch(String found) {
        return lines.place().error(Code.MALFORMED_DATA, expected(wanted) + ", found " + found);
    }

    static String expected(List<String> wanted) {
        return "expected a JSON object with text fields "
                + wanted.stream()
                        .map(name -> '"' + name + '"')
                        .collect(Collectors.joining(" and "));
    }
}
