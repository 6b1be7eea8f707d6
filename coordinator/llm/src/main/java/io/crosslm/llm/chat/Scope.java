package io.crosslm.llm.chat;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Variables of a template, of a loop's body within it, and the output they share. */
final class Scope {
    private final @Nullable Scope outer;
    private final Map<String, Object> variables = new HashMap<>();
    private final Output output;

    Scope() {
        outer = null;
        output = new Output();
    }

    private Scope(Scope outer) {
        this.outer = outer;
        output = outer.output;
    }

    Scope inner() {
        return new Scope(this);
    }

    Output output() {
        return output;
    }

    void set(String name, Object value) {
        variables.put(name, value);
    }

    Object get(String name) {
        for (Scope scope = this; scope != null; scope = scope.outer) {
            Object value = scope.variables.get(name);
            if (value != null) {
                return value;
            }
        }
        return Values.UNDEFINED;
    }

    /** What was written; ends a template that writes or works without end. */
    static final class Output {
        private final StringBuilder text = new StringBuilder();
        private int steps;

        void write(String piece, int line) {
            if (text.length() + piece.length() > ChatTemplate.MAXIMUM_OUTPUT) {
                throw Faults.input(
                        line, "more than " + ChatTemplate.MAXIMUM_OUTPUT + " characters of output");
            }
            text.append(piece);
        }

        void step(int line) {
            if (++steps > ChatTemplate.MAXIMUM_STEPS) {
                throw Faults.input(
                        line, "more than " + ChatTemplate.MAXIMUM_STEPS + " steps of loops");
            }
        }

        @Override
        public String toString() {
            return text.toString();
        }
    }
}
