package io.crosslm.llm.chat;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * One comparison of values as in Python: numbers by their size, lists and mappings by what is in
 * them, which may be nested or shared to any amount. Confined to one thread.
 */
final class Equality {
    private final int line;
    private int compared;

    Equality(int line) {
        this.line = line;
    }

    boolean same(Object left, Object right) {
        return same(left, right, 0);
    }

    private boolean same(Object left, Object right, int depth) {
        if (++compared > ChatTemplate.MAXIMUM_STEPS) {
            throw Faults.input(
                    line, "more than " + ChatTemplate.MAXIMUM_STEPS + " values to compare");
        }
        if (left == right) {
            return true;
        }
        if (left instanceof List<?> a && right instanceof List<?> b) {
            Values.requireShallow(depth, line);
            return a.size() == b.size() && sameItems(a, b, depth + 1);
        }
        if (left instanceof Map<?, ?> a && right instanceof Map<?, ?> b) {
            Values.requireShallow(depth, line);
            return a.keySet().equals(b.keySet()) && sameMembers(a, b, depth + 1);
        }
        Object a = Numbers.number(left);
        Object b = Numbers.number(right);
        if (a instanceof Number x && b instanceof Number y && x.getClass() != y.getClass()) {
            return x.doubleValue() == y.doubleValue();
        }
        return Objects.equals(a, b);
    }

    private boolean sameItems(List<?> a, List<?> b, int depth) {
        for (int i = 0; i < a.size(); i++) {
            if (!same(a.get(i), b.get(i), depth)) {
                return false;
            }
        }
        return true;
    }

    private boolean sameMembers(Map<?, ?> a, Map<?, ?> b, int depth) {
        for (Map.Entry<?, ?> member : a.entrySet()) {
            if (!same(member.getValue(), Objects.requireNonNull(b.get(member.getKey())), depth)) {
                return false;
            }
        }
        return true;
    }
}
