package io.crosslm.llm.chat;

import io.crosslm.llm.chat.Node.Expression;
import io.crosslm.llm.chat.Node.Statement;
import io.crosslm.llm.chat.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Parses the statements of a template. */
final class TemplateParser {
    private static final Set<String> ENDS = Set.of("elif", "else", "endif", "endfor");

    private final TokenReader tokens;
    private final ExpressionParser expressions;

    TemplateParser(List<Token> list) {
        tokens = new TokenReader(list);
        expressions = new ExpressionParser(tokens);
    }

    List<Statement> template() {
        List<Statement> body = body();
        Token end = tokens.next();
        if (end.kind() != Kind.END) {
            throw Faults.syntax(end.line(), tokens.peek().text() + " ends nothing");
        }
        return body;
    }

    private List<Statement> body() {
        tokens.deeper();
        List<Statement> body = new ArrayList<>();
        while (tokens.peek().kind() != Kind.END) {
            Token token = tokens.peek();
            if (token.kind() == Kind.OPEN_BLOCK && ENDS.contains(tokens.peekSecond().text())) {
                break;
            }
            tokens.next();
            if (token.kind() == Kind.TEXT) {
                body.add(scope -> scope.output().write(token.text(), token.line()));
            } else if (token.kind() == Kind.OPEN_OUTPUT) {
                Expression value = expressions.whole();
                close("}}");
                body.add(
                        scope ->
                                scope.output()
                                        .write(
                                                Values.text(value.value(scope), token.line()),
                                                token.line()));
            } else {
                body.add(statement());
            }
        }
        tokens.shallower();
        return List.copyOf(body);
    }

    private void close(String sign) {
        tokens.expect(Kind.CLOSE, sign);
    }

    private Statement statement() {
        int line = tokens.peek().line();
        String name = tokens.name();
        switch (name) {
            case "if":
                return branch();
            case "for":
                return loop(line);
            case "set":
                return assignment(line);
            default:
                throw Faults.unsupported(line, "{% " + name + " %}");
        }
    }

    private Statement branch() {
        Expression condition = expressions.whole();
        close("%}");
        List<Statement> then = body();
        List<Statement> otherwise = List.of();
        int line = tokens.peek().line();
        String end = end();
        if (end.equals("elif")) {
            tokens.deeper();
            otherwise = List.of(branch());
            tokens.shallower();
        } else {
            if (end.equals("else")) {
                close("%}");
                otherwise = body();
                end = end();
            }
            if (!end.equals("endif")) {
                throw Faults.syntax(line, "expected endif, got " + end);
            }
            close("%}");
        }
        List<Statement> last = otherwise;
        return scope -> Node.runAll(Values.truth(condition.value(scope)) ? then : last, scope);
    }

    private String end() {
        Token token = tokens.next();
        if (token.kind() == Kind.END) {
            throw Faults.syntax(token.line(), "an if or for is not ended");
        }
        return tokens.name();
    }

    private Statement loop(int line) {
        List<String> names = new ArrayList<>();
        do {
            names.add(tokens.name());
        } while (tokens.takeSign(","));
        tokens.expect(Kind.NAME, "in");
        Expression list = expressions.withoutCondition();
        Expression filter = tokens.takeName("if") ? expressions.whole() : scope -> true;
        close("%}");
        List<Statement> body = body();
        String end = end();
        if (end.equals("else")) {
            throw Faults.unsupported(line, "else of a for");
        }
        if (!end.equals("endfor")) {
            throw Faults.syntax(line, "expected endfor, got " + end);
        }
        close("%}");
        return scope -> {
            List<Object> items = new ArrayList<>();
            for (Object item : Values.items(list.value(scope), line)) {
                scope.output().step(line);
                Scope inner = scope.inner();
                bind(inner, names, item, line);
                if (Values.truth(filter.value(inner))) {
                    items.add(item);
                }
            }
            for (int i = 0; i < items.size(); i++) {
                scope.output().step(line);
                Scope inner = scope.inner();
                bind(inner, names, items.get(i), line);
                inner.set("loop", position(i, items));
                Node.runAll(body, inner);
            }
        };
    }

    private static Map<String, Object> position(int index, List<Object> items) {
        Map<String, Object> loop = new LinkedHashMap<>();
        loop.put("index", index + 1L);
        loop.put("index0", (long) index);
        loop.put("revindex", (long) items.size() - index);
        loop.put("first", index == 0);
        loop.put("last", index == items.size() - 1);
        loop.put("length", (long) items.size());
        loop.put("previtem", index == 0 ? Values.UNDEFINED : items.get(index - 1));
        loop.put("nextitem", index == items.size() - 1 ? Values.UNDEFINED : items.get(index + 1));
        return loop;
    }

    private static void bind(Scope scope, List<String> names, Object item, int line) {
        if (names.size() == 1) {
            scope.set(names.get(0), item);
            return;
        }
        List<Object> parts = Values.items(item, line);
        if (parts.size() != names.size()) {
            throw Faults.input(line, parts.size() + " values for " + names.size() + " names");
        }
        for (int i = 0; i < parts.size(); i++) {
            scope.set(names.get(i), parts.get(i));
        }
    }

    private Statement assignment(int line) {
        String name = tokens.name();
        String attribute = tokens.takeSign(".") ? tokens.name() : "";
        if (!tokens.takeSign("=")) {
            throw Faults.unsupported(line, "set without = after one name");
        }
        Expression value = expressions.whole();
        close("%}");
        if (attribute.isEmpty()) {
            return scope -> scope.set(name, value.value(scope));
        }
        return scope -> {
            if (!(scope.get(name) instanceof Values.Namespace space)) {
                throw Faults.input(line, name + " is no namespace");
            }
            space.members().put(attribute, value.value(scope));
        };
    }
}
