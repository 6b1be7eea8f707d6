package io.crosslm.llm.chat;

import io.crosslm.llm.chat.Token.Kind;
import java.util.ArrayList;
import java.util.List;

/** Cuts a template into tokens, with Jinja's trim_blocks and lstrip_blocks both on. */
final class Lexer {
    private static final List<String> LONG_SIGNS = List.of("==", "!=", "<=", ">=", "//", "**");
    private static final String SIGNS = "()[]{}.,:|~+-*/%<>=";

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private int line = 1;
    private boolean stripNext;
    private boolean trimNext;

    private Lexer(String source) {
        this.source = source;
    }

    static List<Token> read(String template) {
        String source = template.replace("\r\n", "\n").replace('\r', '\n');
        if (source.endsWith("\n")) {
            source = source.substring(0, source.length() - 1);
        }
        Lexer lexer = new Lexer(source);
        while (lexer.at < source.length()) {
            lexer.textAndTag();
        }
        lexer.add(Kind.END, "the end");
        return lexer.tokens;
    }

    private void add(Kind kind, String text) {
        tokens.add(new Token(kind, text, line));
    }

    private void textAndTag() {
        int open = at;
        while (open < source.length() && !opens(open)) {
            open++;
        }
        text(open);
        if (open == source.length()) {
            return;
        }
        char kind = source.charAt(open + 1);
        at = open + 2;
        if (kind == '#') {
            comment();
            return;
        }
        if (at < source.length() && (source.charAt(at) == '-' || source.charAt(at) == '+')) {
            at++;
        }
        add(kind == '{' ? Kind.OPEN_OUTPUT : Kind.OPEN_BLOCK, source.substring(open, open + 2));
        inside(kind == '{' ? "}}" : "%}");
    }

    private boolean opens(int index) {
        return source.charAt(index) == '{'
                && index + 1 < source.length()
                && "{%#".indexOf(source.charAt(index + 1)) >= 0;
    }

    private void text(int end) {
        String raw = source.substring(at, end);
        int from = 0;
        if (stripNext) {
            from = Strings.leftSpaces(raw);
        } else if (trimNext && raw.startsWith("\n")) {
            from = 1;
        }
        stripNext = false;
        trimNext = false;
        String kept = raw.substring(from);
        char sign = end + 2 < source.length() ? source.charAt(end + 2) : ' ';
        if (end < source.length() && sign == '-') {
            kept = Strings.stripRight(kept);
        } else if (end < source.length() && sign != '+' && source.charAt(end + 1) != '{') {
            int start = raw.lastIndexOf('\n') + 1;
            boolean lineStart = start > 0 || at == 0 || source.charAt(at - 1) == '\n';
            if (lineStart && Strings.leftSpaces(raw.substring(start)) == raw.length() - start) {
                kept = raw.substring(from, Math.max(from, start));
            }
        }
        if (!kept.isEmpty()) {
            add(Kind.TEXT, kept);
        }
        lines(raw);
        at = end;
    }

    private void lines(String passed) {
        line += (int) passed.chars().filter(c -> c == '\n').count();
    }

    private void comment() {
        int close = source.indexOf("#}", at);
        if (close < 0) {
            throw Faults.syntax(line, "a comment is not closed");
        }
        stripNext = close > at && source.charAt(close - 1) == '-';
        trimNext = !(close > at && source.charAt(close - 1) == '+');
        lines(source.substring(at, close));
        at = close + 2;
    }

    private void inside(String close) {
        int depth = 0;
        while (at < source.length()) {
            char c = source.charAt(at);
            if (depth == 0 && closes(close)) {
                return;
            }
            if (Strings.isSpace(c)) {
                line += c == '\n' ? 1 : 0;
                at++;
            } else if (c == '\'' || c == '"') {
                string(c);
            } else if (Character.isDigit(c)) {
                number();
            } else if (Character.isLetter(c) || c == '_') {
                int start = at;
                while (at < source.length() && nameCharacter(source.charAt(at))) {
                    at++;
                }
                add(Kind.NAME, source.substring(start, at));
            } else {
                depth += "([{".indexOf(c) >= 0 ? 1 : ")]}".indexOf(c) >= 0 ? -1 : 0;
                sign();
            }
        }
        throw Faults.syntax(line, "a tag is not closed; expected " + close);
    }

    private static boolean nameCharacter(char c) {
        return Character.isLetterOrDigit(c) || c == '_';
    }

    private boolean closes(String close) {
        char first = source.charAt(at);
        boolean signed = first == '-' || first == '+';
        if (!source.startsWith(close, signed ? at + 1 : at)) {
            return false;
        }
        stripNext = first == '-';
        trimNext = first != '+' && close.equals("%}");
        at += signed ? 3 : 2;
        add(Kind.CLOSE, close);
        return true;
    }

    private void sign() {
        for (String sign : LONG_SIGNS) {
            if (source.startsWith(sign, at)) {
                add(Kind.SIGN, sign);
                at += 2;
                return;
            }
        }
        String sign = source.substring(at, at + 1);
        if (!SIGNS.contains(sign)) {
            throw Faults.syntax(line, "unexpected character " + sign);
        }
        add(Kind.SIGN, sign);
        at++;
    }

    private void number() {
        int start = at;
        while (at < source.length() && Character.isDigit(source.charAt(at))) {
            at++;
        }
        boolean fraction =
                at + 1 < source.length()
                        && source.charAt(at) == '.'
                        && Character.isDigit(source.charAt(at + 1));
        if (fraction) {
            at++;
            while (at < source.length() && Character.isDigit(source.charAt(at))) {
                at++;
            }
        }
        if (at < source.length() && nameCharacter(source.charAt(at))) {
            throw Faults.unsupported(line, "a number that goes on with " + source.charAt(at));
        }
        add(fraction ? Kind.FLOAT : Kind.INTEGER, source.substring(start, at));
    }

    private void string(char quote) {
        StringBuilder text = new StringBuilder();
        int start = line;
        at++;
        while (at < source.length() && source.charAt(at) != quote) {
            char c = source.charAt(at++);
            line += c == '\n' ? 1 : 0;
            text.append(c == '\\' ? escape() : c);
        }
        if (at >= source.length()) {
            throw Faults.syntax(start, "a string is not closed");
        }
        at++;
        add(Kind.STRING, text.toString());
    }

    private char escape() {
        char c = at < source.length() ? source.charAt(at++) : ' ';
        int named = "nrt\\'\"".indexOf(c);
        if (named >= 0) {
            return "\n\r\t\\'\"".charAt(named);
        }
        int digits = c == 'u' ? 4 : c == 'x' ? 2 : 0;
        if (digits == 0) {
            throw Faults.unsupported(line, "the escape \\" + c);
        }
        try {
            int code = Integer.parseInt(source, at, Math.min(at + digits, source.length()), 16);
            at += digits;
            return (char) code;
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            throw Faults.syntax(line, "a broken escape \\" + c);
        }
    }
}
