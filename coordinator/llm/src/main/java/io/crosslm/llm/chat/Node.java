package io.crosslm.llm.chat;

import java.util.List;

/** Parts of a parsed template. */
final class Node {
    private Node() {}

    /** Something with a value. */
    @FunctionalInterface
    interface Expression {
        Object value(Scope scope);
    }

    /** Something that writes or sets. */
    @FunctionalInterface
    interface Statement {
        void run(Scope scope);
    }

    static void runAll(List<Statement> body, Scope scope) {
        for (Statement statement : body) {
            statement.run(scope);
        }
    }
}
