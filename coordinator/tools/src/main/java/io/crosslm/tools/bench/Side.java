package io.crosslm.tools.bench;

import java.util.List;

/**
 * A program with its settings that prints its figure as a line of JSON.
 *
 * @param label what a reader calls it
 * @param command program and arguments
 */
record Side(String label, List<String> command) {
    Side {
        command = List.copyOf(command);
    }

    /** The same with another program in front, for one with other arguments. */
    static Side of(String label, List<String> program, String... arguments) {
        List<String> command = new java.util.ArrayList<>(program);
        command.addAll(List.of(arguments));
        return new Side(label, command);
    }
}
