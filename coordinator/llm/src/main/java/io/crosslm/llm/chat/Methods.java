package io.crosslm.llm.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Methods of texts and mappings that templates call. */
final class Methods {
    private static final Set<String> NAMES =
            Set.of(
                    "strip",
                    "lstrip",
                    "rstrip",
                    "split",
                    "startswith",
                    "endswith",
                    "get",
                    "items",
                    "keys",
                    "values",
                    "upper",
                    "lower",
                    "replace");

    private Methods() {}

    static void check(String name, int line) {
        if (!NAMES.contains(name)) {
            throw Faults.unsupported(line, "the method " + name + "()");
        }
    }

    static Object call(Object of, String name, List<Object> arguments, int line) {
        if (of instanceof Map<?, ?> map) {
            return ofMap(map, name, arguments, line);
        }
        String text = Values.string(of, line);
        List<String> given = arguments.stream().map(a -> Values.string(a, line)).toList();
        String call = name + "/" + given.size();
        switch (call) {
            case "strip/0":
                return Strings.strip(text);
            case "lstrip/0":
                return Strings.stripLeft(text);
            case "rstrip/0":
                return Strings.stripRight(text);
            case "upper/0":
                return text.toUpperCase(Locale.ROOT);
            case "lower/0":
                return text.toLowerCase(Locale.ROOT);
            case "startswith/1":
                return text.startsWith(given.get(0));
            case "endswith/1":
                return text.endsWith(given.get(0));
            case "replace/2":
                if (given.get(1).length() > given.get(0).length()
                        && (text.length() + 1L) * (given.get(1).length() + 1L)
                                > ChatTemplate.MAXIMUM_OUTPUT) {
                    throw Faults.input(line, "a text grows too long");
                }
                return text.replace(given.get(0), given.get(1));
            case "split/1":
                return split(text, given.get(0), line);
            default:
                throw Faults.unsupported(line, name + "() with these arguments");
        }
    }

    private static List<Object> split(String text, String by, int line) {
        if (by.isEmpty()) {
            throw Faults.input(line, "split by an empty text");
        }
        List<Object> parts = new ArrayList<>();
        int from = 0;
        for (int at = text.indexOf(by); at >= 0; at = text.indexOf(by, from)) {
            parts.add(text.substring(from, at));
            from = at + by.length();
        }
        parts.add(text.substring(from));
        return parts;
    }

    private static Object ofMap(Map<?, ?> map, String name, List<Object> arguments, int line) {
        switch (name + "/" + arguments.size()) {
            case "get/1", "get/2":
                Object wanted = arguments.get(0);
                if (wanted instanceof List || wanted instanceof Map) {
                    throw Faults.input(line, Values.kind(wanted) + " is no key");
                }
                Object value = map.get(wanted);
                Object absent = arguments.size() == 2 ? arguments.get(1) : Values.NONE;
                return value == null ? absent : value;
            case "items/0":
                List<Object> items = new ArrayList<>();
                map.forEach((key, member) -> items.add(List.of(key, member)));
                return items;
            case "keys/0":
                return new ArrayList<Object>(map.keySet());
            case "values/0":
                return new ArrayList<Object>(map.values());
            default:
                throw Faults.unsupported(line, name + "() of a mapping");
        }
    }
}
