package io.crosslm.llm.chat;

import java.util.ArrayList;
import java.util.List;

/** Arithmetic and comparison as in Python, with whole numbers of 64 bits. */
final class Numbers {
    private Numbers() {}

    static Long parse(Token token) {
        try {
            return Long.valueOf(token.text());
        } catch (NumberFormatException e) {
            throw Faults.unsupported(token.line(), "a number of more than 64 bits");
        }
    }

    static long whole(Object value, int line) {
        if (value instanceof Long number) {
            return number;
        }
        throw Faults.input(line, "expected a whole number, got " + Values.kind(value));
    }

    /** A truth value as the number that Python takes it for; others as they are. */
    static Object number(Object value) {
        return value instanceof Boolean flag ? (Object) (flag ? 1L : 0L) : value;
    }

    static boolean compare(Token sign, Object left, Object right) {
        if (sign.text().equals("==") || sign.text().equals("!=")) {
            return new Equality(sign.line()).same(left, right) == sign.text().equals("==");
        }
        Object a = number(left);
        Object b = number(right);
        int order;
        if (a instanceof Long x && b instanceof Long y) {
            order = Long.compare(x, y);
        } else if (a instanceof Number x && b instanceof Number y) {
            order = Double.compare(x.doubleValue(), y.doubleValue());
        } else {
            order = Values.string(a, sign.line()).compareTo(Values.string(b, sign.line()));
        }
        switch (sign.text()) {
            case "<":
                return order < 0;
            case ">":
                return order > 0;
            case "<=":
                return order <= 0;
            default:
                return order >= 0;
        }
    }

    static Object compute(Token sign, Object left, Object right) {
        int line = sign.line();
        Object a = number(left);
        Object b = number(right);
        if (sign.text().equals("+") && a instanceof String x && b instanceof String y) {
            return Values.joined(x, y, line);
        }
        if (sign.text().equals("+") && a instanceof List<?> x && b instanceof List<?> y) {
            if (x.size() + y.size() > ChatTemplate.MAXIMUM_STEPS) {
                throw Faults.input(line, "a list grows too long");
            }
            List<Object> sum = new ArrayList<>(x);
            sum.addAll(y);
            return sum;
        }
        if (!(a instanceof Number x) || !(b instanceof Number y)) {
            throw Faults.input(
                    line, "no " + sign.text() + " of " + Values.kind(a) + " and " + Values.kind(b));
        }
        try {
            return a instanceof Long i && b instanceof Long j
                    ? (Object) whole(sign.text(), i, j)
                    : (Object) real(sign, x.doubleValue(), y.doubleValue());
        } catch (ArithmeticException e) {
            throw Faults.input(line, "division by 0, or a number of more than 64 bits");
        }
    }

    private static long whole(String sign, long a, long b) {
        switch (sign) {
            case "+":
                return Math.addExact(a, b);
            case "-":
                return Math.subtractExact(a, b);
            case "*":
                return Math.multiplyExact(a, b);
            case "//":
                return Math.floorDiv(a, b);
            default:
                return Math.floorMod(a, b);
        }
    }

    private static double real(Token sign, double a, double b) {
        switch (sign.text()) {
            case "+":
                return a + b;
            case "-":
                return a - b;
            case "*":
                return a * b;
            default:
                throw Faults.unsupported(sign.line(), sign.text() + " of fractions");
        }
    }
}
