package io.crosslm.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Looks into the parts of a tokenizer.json, which are objects with a type. */
final class JsonParts {
    private static final int MAXIMUM_PARTS = 64;

    private JsonParts() {}

    /** The part itself, or the parts of a Sequence, flat; none of null. */
    static List<JsonObject> list(@Nullable JsonElement element, String name) {
        List<JsonObject> parts = new ArrayList<>();
        add(element, name, parts, 0);
        return parts;
    }

    private static void add(
            @Nullable JsonElement element, String name, List<JsonObject> parts, int depth) {
        if (element == null || element.isJsonNull()) {
            return;
        }
        if (!element.isJsonObject()) {
            throw malformed("one of " + name + " is not an object");
        }
        JsonObject part = element.getAsJsonObject();
        if (!type(part).equals("Sequence")) {
            parts.add(part);
            return;
        }
        JsonElement array = part.get(name);
        if (array == null || !array.isJsonArray()) {
            throw malformed("a Sequence has no " + name);
        }
        if (parts.size() + array.getAsJsonArray().size() > MAXIMUM_PARTS || depth > MAXIMUM_PARTS) {
            throw unsupported("a Sequence has more than " + MAXIMUM_PARTS + " " + name);
        }
        for (JsonElement inner : array.getAsJsonArray()) {
            add(inner, name, parts, depth + 1);
        }
    }

    static String type(JsonObject part) {
        return text(part, "type");
    }

    /** A string, or nothing if it is missing or null. */
    static String text(JsonObject part, String name) {
        JsonElement found = part.get(name);
        return found == null || !found.isJsonPrimitive() ? "" : found.getAsString();
    }

    static boolean isTrue(JsonObject part, String name) {
        return flag(part, name, false);
    }

    static boolean flag(JsonObject part, String name, boolean otherwise) {
        JsonElement found = part.get(name);
        return found == null || found.isJsonNull() ? otherwise : found.getAsBoolean();
    }

    static JsonArray array(JsonObject part, String name) {
        JsonElement found = part.get(name);
        if (found == null || !found.isJsonArray()) {
            throw malformed(name + " is missing or not an array");
        }
        return found.getAsJsonArray();
    }

    static TokenizerException malformed(String what) {
        return new TokenizerException(TokenizerException.Code.MALFORMED, "tokenizer.json: " + what);
    }

    static TokenizerException unsupported(String what) {
        return new TokenizerException(
                TokenizerException.Code.UNSUPPORTED, "tokenizer.json: " + what);
    }
}
