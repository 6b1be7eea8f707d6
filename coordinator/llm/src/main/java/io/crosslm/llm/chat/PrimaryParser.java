package io.crosslm.llm.chat;

import io.crosslm.llm.chat.Node.Expression;
import io.crosslm.llm.chat.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Parses literals, names, and what follows them: attributes, indexes, calls, filters, tests. */
final class PrimaryParser {
    private final TokenReader tokens;
    private final ExpressionParser expressions;

    PrimaryParser(TokenReader tokens, ExpressionParser expressions) {
        this.tokens = tokens;
        this.expressions = expressions;
    }

    Expression unary() {
        tokens.deeper();
        Token sign = tokens.peek();
        Expression value;
        if (tokens.takeSign("-")) {
            Expression positive = postfix(primary());
            value = s -> Numbers.compute(sign, 0L, positive.value(s));
        } else {
            value = postfix(primary());
        }
        value = filtersAndTests(value);
        tokens.shallower();
        return value;
    }

    private Expression primary() {
        Token token = tokens.next();
        switch (token.kind()) {
            case STRING:
                return s -> token.text();
            case INTEGER:
                Object whole = Numbers.parse(token);
                return s -> whole;
            case FLOAT:
                Object number = Double.valueOf(token.text());
                return s -> number;
            case NAME:
                return name(token);
            default:
                break;
        }
        if (token.is(Kind.SIGN, "(")) {
            Expression value = expressions.whole();
            if (tokens.peek().is(Kind.SIGN, ",")) {
                throw Faults.unsupported(token.line(), "a tuple");
            }
            tokens.expect(Kind.SIGN, ")");
            return value;
        }
        if (token.is(Kind.SIGN, "[")) {
            List<Expression> list = expressions.list("]");
            return s -> values(list, s);
        }
        if (token.is(Kind.SIGN, "{")) {
            Map<Expression, Expression> pairs = expressions.pairs(":", "}");
            return s -> map(pairs, s, token.line());
        }
        throw Faults.syntax(token.line(), "expected a value, got " + token.text());
    }

    private static List<Object> values(List<Expression> list, Scope scope) {
        List<Object> values = new ArrayList<>();
        list.forEach(item -> values.add(item.value(scope)));
        return values;
    }

    private static Map<String, Object> map(
            Map<Expression, Expression> pairs, Scope scope, int line) {
        Map<String, Object> map = new LinkedHashMap<>();
        pairs.forEach(
                (key, value) -> map.put(Values.string(key.value(scope), line), value.value(scope)));
        return map;
    }

    private Expression name(Token token) {
        int line = token.line();
        switch (token.text()) {
            case "true", "True":
                return s -> true;
            case "false", "False":
                return s -> false;
            case "none", "None":
                return s -> Values.NONE;
            default:
                break;
        }
        if (!tokens.takeSign("(")) {
            return s -> s.get(token.text());
        }
        if (token.text().equals("namespace")) {
            Map<Expression, Expression> pairs = expressions.pairs("=", ")");
            return s -> new Values.Namespace(map(pairs, s, line));
        }
        if (!token.text().equals("raise_exception")) {
            throw Faults.unsupported(line, token.text() + "()");
        }
        List<Expression> message = expressions.list(")");
        return s -> {
            throw Faults.input(
                    line, message.isEmpty() ? "" : Values.text(message.get(0).value(s), line));
        };
    }

    private Expression postfix(Expression start) {
        Expression value = start;
        while (true) {
            int line = tokens.peek().line();
            Expression of = value;
            if (tokens.takeSign(".")) {
                tokens.link();
                String name = tokens.name();
                if (tokens.takeSign("(")) {
                    Methods.check(name, line);
                    List<Expression> arguments = expressions.list(")");
                    value = s -> Methods.call(of.value(s), name, values(arguments, s), line);
                } else {
                    value = s -> Values.member(of.value(s), name, line);
                }
            } else if (tokens.takeSign("[")) {
                tokens.link();
                value = index(of, line);
            } else if (tokens.peek().is(Kind.SIGN, "(")) {
                throw Faults.unsupported(line, "a call of a value");
            } else {
                return value;
            }
        }
    }

    private Expression index(Expression of, int line) {
        List<@Nullable Expression> parts = new ArrayList<>();
        boolean slice = false;
        @Nullable Expression part = null;
        while (!tokens.takeSign("]")) {
            if (tokens.takeSign(":")) {
                slice = true;
                parts.add(part);
                part = null;
            } else if (part == null) {
                part = expressions.whole();
            } else {
                tokens.expect(Kind.SIGN, "]");
            }
        }
        parts.add(part);
        if (!slice) {
            Expression key = part;
            if (key == null) {
                throw Faults.syntax(line, "an index is empty");
            }
            return s -> Values.at(of.value(s), key.value(s), line);
        }
        if (parts.size() > 3) {
            throw Faults.syntax(line, "a slice has more than three parts");
        }
        return s -> {
            List<Object> bounds = new ArrayList<>();
            for (@Nullable Expression bound : parts) {
                bounds.add(bound == null ? Values.NONE : bound.value(s));
            }
            return Values.slice(of.value(s), bounds, line);
        };
    }

    private Expression filtersAndTests(Expression start) {
        Expression value = start;
        while (true) {
            int line = tokens.peek().line();
            Expression of = value;
            if (tokens.takeSign("|")) {
                tokens.link();
                String name = tokens.name();
                Filters.check(name, line);
                List<Expression> arguments =
                        tokens.takeSign("(") ? expressions.list(")") : List.of();
                value = s -> Filters.apply(of.value(s), name, values(arguments, s), line);
            } else if (tokens.takeName("is")) {
                tokens.link();
                boolean negated = tokens.takeName("not");
                String name = tokens.name();
                Filters.checkTest(name, line);
                value = s -> negated != Filters.test(of.value(s), name);
            } else {
                return value;
            }
        }
    }
}
