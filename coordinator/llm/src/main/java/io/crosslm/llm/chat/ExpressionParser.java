package io.crosslm.llm.chat;

import io.crosslm.llm.chat.Node.Expression;
import io.crosslm.llm.chat.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Parses expressions, with Jinja's order of precedence. */
final class ExpressionParser {
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", ">", "<=", ">=");

    private final TokenReader tokens;
    private final PrimaryParser primaries;

    ExpressionParser(TokenReader tokens) {
        this.tokens = tokens;
        primaries = new PrimaryParser(tokens, this);
    }

    Expression whole() {
        tokens.deeper();
        Expression value = withoutCondition();
        while (tokens.takeName("if")) {
            tokens.link();
            Expression then = value;
            Expression condition = withoutCondition();
            Expression otherwise = tokens.takeName("else") ? whole() : s -> Values.UNDEFINED;
            value = s -> (Values.truth(condition.value(s)) ? then : otherwise).value(s);
        }
        tokens.shallower();
        return value;
    }

    Expression withoutCondition() {
        Expression left = and();
        while (tokens.takeName("or")) {
            tokens.link();
            Expression first = left;
            Expression second = and();
            left =
                    s -> {
                        Object value = first.value(s);
                        return Values.truth(value) ? value : second.value(s);
                    };
        }
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (tokens.takeName("and")) {
            tokens.link();
            Expression first = left;
            Expression second = not();
            left =
                    s -> {
                        Object value = first.value(s);
                        return Values.truth(value) ? second.value(s) : value;
                    };
        }
        return left;
    }

    private Expression not() {
        if (tokens.takeName("not")) {
            tokens.deeper();
            Expression value = not();
            tokens.shallower();
            return s -> !Values.truth(value.value(s));
        }
        return comparison();
    }

    private Expression comparison() {
        Expression left = sum();
        Token sign = tokens.peek();
        boolean negated = sign.is(Kind.NAME, "not") && tokens.peekSecond().is(Kind.NAME, "in");
        if (negated) {
            tokens.next();
        }
        int line = sign.line();
        Expression result = left;
        if (tokens.takeName("in")) {
            Expression right = sum();
            result = s -> negated != Values.contains(right.value(s), left.value(s), line);
        } else if (sign.kind() == Kind.SIGN && COMPARISONS.contains(sign.text())) {
            tokens.next();
            Expression right = sum();
            result = s -> Numbers.compare(sign, left.value(s), right.value(s));
        }
        if (result != left
                && tokens.peek().kind() == Kind.SIGN
                && COMPARISONS.contains(tokens.peek().text())) {
            throw Faults.unsupported(line, "a chain of comparisons");
        }
        return result;
    }

    private Expression sum() {
        Expression left = joined();
        while (tokens.peek().is(Kind.SIGN, "+") || tokens.peek().is(Kind.SIGN, "-")) {
            tokens.link();
            Token sign = tokens.next();
            Expression first = left;
            Expression second = joined();
            left = s -> Numbers.compute(sign, first.value(s), second.value(s));
        }
        return left;
    }

    private Expression joined() {
        Expression left = product();
        while (tokens.peek().is(Kind.SIGN, "~")) {
            tokens.link();
            int line = tokens.next().line();
            Expression first = left;
            Expression second = product();
            left =
                    s ->
                            Values.joined(
                                    Values.text(first.value(s), line),
                                    Values.text(second.value(s), line),
                                    line);
        }
        return left;
    }

    private Expression product() {
        Expression left = primaries.unary();
        while (tokens.peek().kind() == Kind.SIGN
                && Set.of("*", "/", "//", "%", "**").contains(tokens.peek().text())) {
            tokens.link();
            Token sign = tokens.next();
            if (sign.text().equals("/") || sign.text().equals("**")) {
                throw Faults.unsupported(sign.line(), "the operator " + sign.text());
            }
            Expression first = left;
            Expression second = primaries.unary();
            left = s -> Numbers.compute(sign, first.value(s), second.value(s));
        }
        return left;
    }

    List<Expression> list(String end) {
        List<Expression> values = new ArrayList<>();
        while (!tokens.takeSign(end)) {
            values.add(whole());
            if (!tokens.takeSign(",")) {
                tokens.expect(Kind.SIGN, end);
                break;
            }
        }
        return values;
    }

    /** Arguments by name of namespace() or members of a dict, up to the end sign. */
    Map<Expression, Expression> pairs(String between, String end) {
        Map<Expression, Expression> pairs = new LinkedHashMap<>();
        while (!tokens.takeSign(end)) {
            Expression key;
            if (between.equals("=")) {
                String name = tokens.name();
                key = s -> name;
            } else {
                key = whole();
            }
            tokens.expect(Kind.SIGN, between);
            pairs.put(key, whole());
            if (!tokens.takeSign(",")) {
                tokens.expect(Kind.SIGN, end);
                break;
            }
        }
        return pairs;
    }
}
