package io.crosslm.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The members of a JSON object, read leniently: a coordinator of another version may leave some
 * out, and a table with a gap says more than an error.
 */
record Fields(JsonObject object) {
    static final String ABSENT = "-";

    /** Names come from devices too; they must not move the cursor of the operator's terminal. */
    private static final Pattern INVISIBLE = Pattern.compile("[\\p{Cc}\\p{Cf}]");

    static List<Fields> listOf(JsonElement array) {
        List<Fields> list = new ArrayList<>();
        for (JsonElement element : array.getAsJsonArray()) {
            if (element.isJsonObject()) {
                list.add(new Fields(element.getAsJsonObject()));
            }
        }
        return List.copyOf(list);
    }

    boolean has(String name) {
        return object.has(name) && !object.get(name).isJsonNull();
    }

    /** The first of these members that is there, for people; {@value #ABSENT} if none is. */
    String text(String... names) {
        for (String name : names) {
            if (has(name)) {
                return text(object.get(name));
            }
        }
        return ABSENT;
    }

    /** A time, given as ISO 8601 or in milliseconds since 1970, to the second in UTC. */
    String time(String... names) {
        String text = text(names);
        try {
            Instant instant =
                    text.matches("\\d{1,15}")
                            ? Instant.ofEpochMilli(Long.parseLong(text))
                            : Instant.parse(text);
            return instant.truncatedTo(ChronoUnit.SECONDS).toString();
        } catch (DateTimeException e) {
            return text;
        }
    }

    OptionalDouble number(String name) {
        if (has(name)
                && object.get(name) instanceof JsonPrimitive primitive
                && primitive.isNumber()) {
            return OptionalDouble.of(primitive.getAsDouble());
        }
        return OptionalDouble.empty();
    }

    /** The member as an object; an empty one if it is not there. */
    Fields child(String name) {
        return has(name) && object.get(name).isJsonObject()
                ? new Fields(object.getAsJsonObject(name))
                : new Fields(new JsonObject());
    }

    /** The objects in the named list; none if it is not there. */
    List<Fields> children(String name) {
        return has(name) && object.get(name).isJsonArray() ? listOf(object.get(name)) : List.of();
    }

    boolean isEmpty() {
        return object.isEmpty();
    }

    /** A value on one line: lists with commas, objects by their name. */
    static String text(JsonElement value) {
        if (value instanceof JsonArray array) {
            return array.isEmpty()
                    ? ABSENT
                    : array.asList().stream().map(Fields::text).collect(Collectors.joining(", "));
        }
        if (value instanceof JsonObject object) {
            return object.has("name") ? text(object.get("name")) : visible(object.toString());
        }
        return value.isJsonNull() ? ABSENT : visible(value.getAsString());
    }

    private static String visible(String text) {
        return INVISIBLE.matcher(text).replaceAll(" ");
    }
}
