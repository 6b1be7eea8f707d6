package io.crosslm.llm.chat;

import io.crosslm.llm.chat.Token.Kind;
import java.util.List;

/** A place in the tokens of a template, and how deep it is nested. */
final class TokenReader {
    private final List<Token> tokens;
    private int at;
    private int depth;
    private int links;

    TokenReader(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token peek() {
        return tokens.get(at);
    }

    Token peekSecond() {
        return tokens.get(Math.min(at + 1, tokens.size() - 1));
    }

    Token next() {
        Token token = tokens.get(at);
        at = Math.min(at + 1, tokens.size() - 1);
        if (token.kind() == Kind.CLOSE) {
            links = 0;
        }
        return token;
    }

    boolean take(Kind kind, String text) {
        boolean found = peek().is(kind, text);
        if (found) {
            next();
        }
        return found;
    }

    boolean takeSign(String text) {
        return take(Kind.SIGN, text);
    }

    boolean takeName(String text) {
        return take(Kind.NAME, text);
    }

    void expect(Kind kind, String text) {
        if (!take(kind, text)) {
            throw Faults.syntax(peek().line(), "expected " + text + ", got " + peek().text());
        }
    }

    String name() {
        Token token = next();
        if (token.kind() != Kind.NAME) {
            throw Faults.syntax(token.line(), "expected a name, got " + token.text());
        }
        return token.text();
    }

    void deeper() {
        if (++depth > ChatTemplate.MAXIMUM_NESTING) {
            throw Faults.syntax(
                    peek().line(), "nested deeper than " + ChatTemplate.MAXIMUM_NESTING);
        }
    }

    void shallower() {
        depth--;
    }

    /**
     * Counts an operator, filter, test or member of the expression, up to where its block is
     * closed: computing a value goes as deep as it has links.
     */
    void link() {
        if (++links > ChatTemplate.MAXIMUM_LINKS) {
            throw Faults.syntax(
                    peek().line(),
                    "an expression has more than "
                            + ChatTemplate.MAXIMUM_LINKS
                            + " operators, filters, tests and members; divide it with set");
        }
    }
}
