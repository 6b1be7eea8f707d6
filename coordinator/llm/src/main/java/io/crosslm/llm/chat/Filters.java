package io.crosslm.llm.chat;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Filters and tests. */
final class Filters {
    private static final Set<String> NAMES =
            Set.of(
                    "trim", "upper", "lower", "tojson", "default", "length", "count", "join",
                    "first", "last", "int", "string", "safe");
    private static final Set<String> TESTS =
            Set.of(
                    "defined",
                    "undefined",
                    "none",
                    "string",
                    "mapping",
                    "iterable",
                    "number",
                    "sequence",
                    "true",
                    "false",
                    "boolean");

    private Filters() {}

    static void check(String name, int line) {
        if (!NAMES.contains(name)) {
            throw Faults.unsupported(line, "the filter " + name);
        }
    }

    static void checkTest(String name, int line) {
        if (!TESTS.contains(name)) {
            throw Faults.unsupported(line, "the test " + name);
        }
    }

    static boolean test(Object value, String name) {
        boolean sequence = value instanceof String || value instanceof List || value instanceof Map;
        switch (name) {
            case "defined":
                return value != Values.UNDEFINED;
            case "undefined":
                return value == Values.UNDEFINED;
            case "none":
                return value == Values.NONE;
            case "string":
                return value instanceof String;
            case "mapping":
                return value instanceof Map;
            case "number":
                return value instanceof Number || value instanceof Boolean;
            case "boolean":
                return value instanceof Boolean;
            case "true":
                return Boolean.TRUE.equals(value);
            case "false":
                return Boolean.FALSE.equals(value);
            default:
                return sequence || value == Values.UNDEFINED;
        }
    }

    static Object apply(Object value, String name, List<Object> arguments, int line) {
        int most = name.equals("default") ? 2 : name.equals("join") ? 1 : 0;
        if (arguments.size() > most) {
            throw Faults.unsupported(line, "the filter " + name + " with these arguments");
        }
        switch (name) {
            case "trim":
                return Strings.strip(Values.text(value, line));
            case "upper":
                return Values.text(value, line).toUpperCase(Locale.ROOT);
            case "lower":
                return Values.text(value, line).toLowerCase(Locale.ROOT);
            case "string", "safe":
                return Values.text(value, line);
            case "tojson":
                return JsonText.of(value, line);
            case "default":
                boolean absent =
                        value == Values.UNDEFINED
                                || (arguments.size() == 2
                                        && Values.truth(arguments.get(1))
                                        && !Values.truth(value));
                return !absent ? value : arguments.isEmpty() ? "" : arguments.get(0);
            case "length", "count":
                return (long) Values.items(value, line).size();
            case "first":
                return Values.at(Values.items(value, line), 0L, line);
            case "last":
                return Values.at(Values.items(value, line), -1L, line);
            case "join":
                return join(value, arguments, line);
            default:
                return whole(value, line);
        }
    }

    private static Object join(Object value, List<Object> arguments, int line) {
        String between = arguments.isEmpty() ? "" : Values.text(arguments.get(0), line);
        StringBuilder text = new StringBuilder();
        boolean first = true;
        for (Object item : Values.items(value, line)) {
            String piece = (first ? "" : between) + Values.text(item, line);
            first = false;
            if (text.length() + piece.length() > ChatTemplate.MAXIMUM_OUTPUT) {
                throw Faults.input(line, "a text grows too long");
            }
            text.append(piece);
        }
        return text.toString();
    }

    private static Object whole(Object value, int line) {
        if (value instanceof Double number) {
            return number.longValue();
        }
        try {
            return Long.valueOf(Strings.strip(Values.text(value, line)));
        } catch (NumberFormatException e) {
            return 0L;
        }
    }
}
