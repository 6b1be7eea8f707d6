package io.crosslm.llm.format;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Reads JSON files and members of them; what is not as expected is a MALFORMED_FILE. */
final class JsonFile {
    private static final long MAXIMUM_BYTES = 64L << 20;

    private JsonFile() {}

    static JsonObject read(Path path) {
        try {
            long size = Files.size(path);
            if (size > MAXIMUM_BYTES) {
                throw wrong(path, "the file", "at most " + MAXIMUM_BYTES + " bytes");
            }
            return parse(path, Files.readString(path));
        } catch (IOException e) {
            throw new LanguageModelException(
                    Code.MALFORMED_FILE, path + " cannot be read: " + e.getMessage(), e);
        }
    }

    static JsonObject parse(Path path, String json) {
        try {
            return object(path, "the file", JsonParser.parseString(json));
        } catch (JsonParseException e) {
            throw new LanguageModelException(
                    Code.MALFORMED_FILE, path + " is not JSON: " + e.getMessage(), e);
        }
    }

    static JsonObject object(Path path, String name, @Nullable JsonElement element) {
        if (element == null || !element.isJsonObject()) {
            throw wrong(path, name, "an object");
        }
        return element.getAsJsonObject();
    }

    static JsonArray array(Path path, String name, @Nullable JsonElement element) {
        if (element == null || !element.isJsonArray()) {
            throw wrong(path, name, "an array");
        }
        return element.getAsJsonArray();
    }

    static String text(Path path, String name, @Nullable JsonElement element) {
        if (element == null
                || !element.isJsonPrimitive()
                || !element.getAsJsonPrimitive().isString()) {
            throw wrong(path, name, "a text");
        }
        return element.getAsString();
    }

    static double number(Path path, String name, @Nullable JsonElement element) {
        if (element == null
                || !element.isJsonPrimitive()
                || !element.getAsJsonPrimitive().isNumber()) {
            throw wrong(path, name, "a number");
        }
        return element.getAsDouble();
    }

    /** A member that may be absent or null. */
    static @Nullable JsonElement optional(JsonObject object, String name) {
        JsonElement element = object.get(name);
        return element == null || element.isJsonNull() ? null : element;
    }

    static LanguageModelException wrong(Path path, String name, String expected) {
        return new LanguageModelException(
                Code.MALFORMED_FILE, path + ": " + name + " is not " + expected);
    }
}
