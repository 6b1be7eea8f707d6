package io.crosslm.tools.bench;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.crosslm.tools.ToolException;
import io.crosslm.tools.ToolException.Code;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one process told.
 *
 * @param line its JSON object
 * @param seconds from its start to that line
 */
record SideResult(JsonObject line, double seconds) {
    /**
     * The object of a line that a measuring program prints: it has a metric and a value. Everything
     * else that libraries print is none.
     */
    static Optional<JsonObject> parse(String line) {
        if (!line.startsWith("{")) {
            return Optional.empty();
        }
        try {
            JsonElement element = JsonParser.parseString(line);
            JsonObject object = element.getAsJsonObject();
            return object.has("metric") && object.has("value")
                    ? Optional.of(object)
                    : Optional.empty();
        } catch (JsonParseException | IllegalStateException e) {
            return Optional.empty();
        }
    }

    /** A positive number of the line. */
    double number(String field) {
        @Nullable JsonElement element = line.get(field);
        if (element != null
                && element.isJsonPrimitive()
                && element.getAsJsonPrimitive().isNumber()
                && element.getAsDouble() > 0) {
            return element.getAsDouble();
        }
        throw new ToolException(
                Code.PROCESS,
                "Expected a positive number \"" + field + "\" in what a program printed: " + line);
    }

    /** Share of the CPU that others took meanwhile, 0 if the program does not say. */
    double otherCpu() {
        JsonElement element = line.get("other_cpu");
        return element == null ? 0 : element.getAsDouble();
    }
}
