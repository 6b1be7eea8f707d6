package io.crosslm.llm.export;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
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

/** Reads and writes the JSON files that lie beside a model's weights. */
final class JsonOutput {
    private static final long MAXIMUM_BYTES = 256L << 20;
    private static final Gson GSON =
            new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().serializeNulls().create();

    private JsonOutput() {}

    static void write(Path file, JsonObject json) {
        try {
            Files.writeString(file, GSON.toJson(json) + "\n");
        } catch (IOException e) {
            throw Unfinished.failed(file, e);
        }
    }

    /** The object in a file; an empty one if there is no such file. */
    static JsonObject read(Path file) {
        if (!Files.exists(file)) {
            return new JsonObject();
        }
        try {
            long size = Files.size(file);
            if (size > MAXIMUM_BYTES) {
                throw malformed(file, "has " + size + " bytes; at most " + MAXIMUM_BYTES, null);
            }
            return JsonParser.parseString(Files.readString(file)).getAsJsonObject();
        } catch (IOException | JsonParseException | IllegalStateException e) {
            throw malformed(file, "is no JSON object", e);
        }
    }

    private static LanguageModelException malformed(
            Path file, String what, @Nullable Exception cause) {
        String message = file + " " + what;
        return cause == null
                ? new LanguageModelException(Code.MALFORMED_FILE, message)
                : new LanguageModelException(Code.MALFORMED_FILE, message, cause);
    }

    /** A text member, or null. */
    static @Nullable String text(JsonObject object, String name) {
        JsonElement element = object.get(name);
        return element != null
                        && element.isJsonPrimitive()
                        && element.getAsJsonPrimitive().isString()
                ? element.getAsString()
                : null;
    }

    /** A number member, or null. */
    static @Nullable Double number(JsonObject object, String name) {
        JsonElement element = object.get(name);
        return element != null
                        && element.isJsonPrimitive()
                        && element.getAsJsonPrimitive().isNumber()
                ? (Double) element.getAsDouble()
                : null;
    }

    /** Whether a member is there and true. */
    static boolean isTrue(JsonObject object, String name) {
        JsonElement element = object.get(name);
        return element != null
                && element.isJsonPrimitive()
                && element.getAsJsonPrimitive().isBoolean()
                && element.getAsBoolean();
    }

    /** An object member; an empty one if it is not there. */
    static JsonObject object(JsonObject object, String name) {
        JsonElement element = object.get(name);
        return element != null && element.isJsonObject()
                ? element.getAsJsonObject()
                : new JsonObject();
    }

    /** An array member; an empty one if it is not there. */
    static JsonArray array(JsonObject object, String name) {
        JsonElement element = object.get(name);
        return element != null && element.isJsonArray()
                ? element.getAsJsonArray()
                : new JsonArray();
    }
}
