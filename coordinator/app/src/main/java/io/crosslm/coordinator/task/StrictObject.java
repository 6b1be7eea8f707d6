package io.crosslm.coordinator.task;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.Spelling;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A JSON object that is read key by key; what is missing, mistyped, out of range or never asked for
 * is an error with the key's path. Confined to one thread.
 */
final class StrictObject {
    private static final int SHOWN_CHARACTERS = 60;

    private final String path;
    private final JsonObject object;
    private final Set<String> read = new HashSet<>();

    private StrictObject(String path, JsonObject object) {
        this.path = path;
        this.object = object;
    }

    static StrictObject of(String path, JsonElement element) {
        if (!element.isJsonObject()) {
            throw bad(path.isEmpty() ? "the task file" : path, "an object", shown(element));
        }
        return new StrictObject(path, element.getAsJsonObject());
    }

    /** Whether the key is there; it is one that is known then. */
    boolean has(String key) {
        read.add(key);
        return object.has(key);
    }

    /** The key's path from the root, for instance {@code labels[0].name}. */
    String path(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    /** Reads the key without looking at its value. */
    void ignore(String key) {
        read.add(key);
    }

    JsonElement element(String key, String expected) {
        read.add(key);
        JsonElement element = object.get(key);
        if (element == null) {
            throw bad(path(key), expected, "nothing: the key is missing");
        }
        return element;
    }

    StrictObject object(String key) {
        return of(path(key), element(key, "an object"));
    }

    JsonArray array(String key) {
        JsonElement element = element(key, "an array");
        if (!element.isJsonArray()) {
            throw bad(path(key), "an array", shown(element));
        }
        return element.getAsJsonArray();
    }

    String string(String key, int maxLength) {
        return string(path(key), element(key, stringOf(maxLength)), maxLength);
    }

    static String string(String path, JsonElement element, int maxLength) {
        String expected = stringOf(maxLength);
        if (!element.isJsonPrimitive() || !element.getAsJsonPrimitive().isString()) {
            throw bad(path, expected, shown(element));
        }
        String value = element.getAsString();
        if (value.isBlank() || value.length() > maxLength) {
            throw bad(
                    path, expected, value.isBlank() ? "an empty one" : value.length() + " of them");
        }
        return value;
    }

    private static String stringOf(int maxLength) {
        return "a string of 1 to " + maxLength + " characters";
    }

    String word(String key, List<String> words) {
        String expected =
                words.stream().map(word -> '"' + word + '"').collect(Collectors.joining(" or "));
        JsonElement element = element(key, expected);
        if (!element.isJsonPrimitive() || !words.contains(element.getAsString())) {
            throw bad(path(key), expected, shown(element));
        }
        return element.getAsString();
    }

    int integer(String key, int absent, int minimum, int maximum) {
        return (int) whole(key, absent, minimum, maximum);
    }

    long whole(String key, long absent, long minimum, long maximum) {
        read.add(key);
        if (!object.has(key)) {
            return absent;
        }
        String expected = "a whole number from " + minimum + " to " + maximum;
        JsonPrimitive number = number(key, expected);
        try {
            long value = number.getAsBigDecimal().longValueExact();
            if (value >= minimum && value <= maximum) {
                return value;
            }
        } catch (ArithmeticException e) {
            throw badNumber(key, expected, number, e);
        }
        throw bad(path(key), expected, shown(number));
    }

    double decimal(String key, double absent, double minimum, double maximum) {
        read.add(key);
        if (!object.has(key)) {
            return absent;
        }
        String expected = "a number from " + minimum + " to " + maximum;
        JsonPrimitive number = number(key, expected);
        double value = number.getAsDouble();
        if (!(value >= minimum && value <= maximum)) {
            throw bad(path(key), expected, shown(number));
        }
        return value;
    }

    private JsonPrimitive number(String key, String expected) {
        JsonElement element = object.get(key);
        if (!element.isJsonPrimitive() || !element.getAsJsonPrimitive().isNumber()) {
            throw bad(path(key), expected, shown(element));
        }
        return element.getAsJsonPrimitive();
    }

    /** Fails on the first key that nobody read. */
    void end() {
        for (String key : object.keySet()) {
            if (!read.contains(key)) {
                throw bad(
                        path(key),
                        "one of " + new TreeSet<>(read),
                        "a key that is not known." + Spelling.suggestion(key, read));
            }
        }
    }

    static CoordinatorException bad(String path, String expected, String got) {
        return new CoordinatorException(Code.BAD_TASK, message(path, expected, got));
    }

    private CoordinatorException badNumber(
            String key, String expected, JsonElement got, ArithmeticException cause) {
        return new CoordinatorException(
                Code.BAD_TASK, message(path(key), expected, shown(got)), cause);
    }

    private static String message(String path, String expected, String got) {
        return path + ": expected " + expected + " but got " + got;
    }

    private static String shown(JsonElement element) {
        if (element.isJsonObject()) {
            return "an object";
        }
        if (element.isJsonArray()) {
            return "an array";
        }
        String text = element.toString();
        return text.length() <= SHOWN_CHARACTERS ? text : text.substring(0, SHOWN_CHARACTERS) + "…";
    }
}
