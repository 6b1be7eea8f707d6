package io.crosslm.llm.chat;

/**
 * A piece of a template.
 *
 * @param line from 1
 */
record Token(Kind kind, String text, int line) {
    enum Kind {
        TEXT,
        OPEN_OUTPUT,
        OPEN_BLOCK,
        CLOSE,
        NAME,
        STRING,
        INTEGER,
        FLOAT,
        SIGN,
        END
    }

    boolean is(Kind other, String value) {
        return kind == other && text.equals(value);
    }
}
