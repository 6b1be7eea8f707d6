package io.crosslm.llm.chat;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Values of a template: text, Long, Double, Boolean, lists, maps, none, undefined. */
final class Values {
    static final Object NONE = new Object();
    static final Object UNDEFINED = new Object();

    /**
     * What namespace() makes: members that a loop's body may set. It is equal to itself alone, and
     * no record: its members may lead back to it.
     */
    static final class Namespace {
        private final Map<String, Object> members;

        Namespace(Map<String, Object> members) {
            this.members = members;
        }

        Map<String, Object> members() {
            return members;
        }
    }

    private Values() {}

    /**
     * Before going into a list or mapping: loops may have nested it to any depth.
     *
     * @param depth how many it lies in
     */
    static void requireShallow(int depth, int line) {
        if (depth >= ChatTemplate.MAXIMUM_NESTING) {
            throw Faults.input(
                    line, "a value is nested deeper than " + ChatTemplate.MAXIMUM_NESTING);
        }
    }

    static boolean truth(Object value) {
        if (value instanceof Boolean flag) {
            return flag;
        }
        if (value instanceof Number number) {
            return number.doubleValue() != 0;
        }
        if (value instanceof String text) {
            return !text.isEmpty();
        }
        if (value instanceof List<?> list) {
            return !list.isEmpty();
        }
        if (value instanceof Map<?, ?> map) {
            return !map.isEmpty();
        }
        return value instanceof Namespace;
    }

    static String text(Object value, int line) {
        if (value instanceof String text) {
            return text;
        }
        if (value instanceof Boolean flag) {
            return flag ? "True" : "False";
        }
        if (value instanceof Double number) {
            double size = Math.abs(number);
            if (number == Math.rint(number) && size < 1e16) {
                return BigDecimal.valueOf(number).setScale(1).toPlainString();
            }
            if (size >= 1e-4 && size < 1e16) {
                return BigDecimal.valueOf(number).toPlainString();
            }
            throw Faults.unsupported(line, "writing so small or large a number");
        }
        if (value instanceof Long) {
            return value.toString();
        }
        if (value == NONE || value == UNDEFINED) {
            return value == NONE ? "None" : "";
        }
        throw Faults.unsupported(line, "writing a list or mapping without tojson");
    }

    static String string(Object value, int line) {
        if (value instanceof String text) {
            return text;
        }
        throw Faults.input(line, "expected a text, got " + kind(value));
    }

    static String kind(Object value) {
        if (value == NONE || value == UNDEFINED) {
            return value == NONE ? "none" : "an undefined value";
        }
        return value instanceof List
                ? "a list"
                : value instanceof Map ? "a mapping" : "a " + value.getClass().getSimpleName();
    }

    static String joined(String left, String right, int line) {
        if ((long) left.length() + right.length() > ChatTemplate.MAXIMUM_OUTPUT) {
            throw Faults.input(line, "a text grows too long");
        }
        return left + right;
    }

    static List<Object> items(Object value, int line) {
        if (value instanceof List<?> list) {
            return new ArrayList<>(list);
        }
        if (value instanceof Map<?, ?> map) {
            return new ArrayList<>(map.keySet());
        }
        if (value instanceof String text) {
            List<Object> characters = new ArrayList<>();
            text.codePoints().forEach(c -> characters.add(Character.toString(c)));
            return characters;
        }
        if (value == UNDEFINED) {
            return List.of();
        }
        throw Faults.input(line, kind(value) + " has no items");
    }

    static boolean contains(Object container, Object value, int line) {
        if (container instanceof String text) {
            return text.contains(string(value, line));
        }
        Equality equality = new Equality(line);
        return items(container, line).stream().anyMatch(item -> equality.same(item, value));
    }

    static Object member(Object of, String name, int line) {
        if (of == UNDEFINED) {
            throw Faults.input(line, "an undefined value has no " + name);
        }
        Map<?, ?> map = of instanceof Namespace space ? space.members() : Map.of();
        if (of instanceof Map<?, ?> own) {
            map = own;
        }
        Object value = map.get(name);
        return value == null ? UNDEFINED : value;
    }

    static Object at(Object of, Object key, int line) {
        if (key instanceof String name) {
            return member(of, name, line);
        }
        if (of == UNDEFINED) {
            throw Faults.input(line, "an undefined value has no items");
        }
        if (!(key instanceof Long index) || of instanceof Map) {
            return UNDEFINED;
        }
        List<Object> items = items(of, line);
        long place = index < 0 ? index + items.size() : index;
        return place >= 0 && place < items.size() ? items.get((int) place) : UNDEFINED;
    }

    static Object slice(Object of, List<Object> bounds, int line) {
        if (of instanceof Map) {
            throw Faults.input(line, "a mapping has no slices");
        }
        List<Object> items = items(of, line);
        int size = items.size();
        long step =
                bounds.size() > 2 && bounds.get(2) != NONE ? Numbers.whole(bounds.get(2), line) : 1;
        if (step == 0) {
            throw Faults.input(line, "a slice's step is 0");
        }
        int low = step > 0 ? 0 : -1;
        int high = step > 0 ? size : size - 1;
        long from = bound(bounds.get(0), step > 0 ? low : high, low, high, size, line);
        long to = bound(bounds.get(1), step > 0 ? high : low, low, high, size, line);
        List<Object> kept = new ArrayList<>();
        for (long i = from; step > 0 ? i < to : i > to; i += step) {
            kept.add(items.get((int) i));
        }
        if (!(of instanceof String)) {
            return kept;
        }
        StringBuilder text = new StringBuilder();
        kept.forEach(text::append);
        return text.toString();
    }

    private static long bound(Object value, int absent, int low, int high, int size, int line) {
        if (value == NONE) {
            return absent;
        }
        long index = Math.max(-size - 1L, Math.min(size + 1L, Numbers.whole(value, line)));
        return Math.max(low, Math.min(high, index < 0 ? index + size : index));
    }
}
