package io.crosslm.agent;

import io.crosslm.agent.AgentException.Code;
import java.nio.file.Path;

/**
 * A line of a file, where an error is.
 *
 * @param line counted from 1
 */
record Place(Path file, long line) {

    /** An error at this place; the message must hold nothing of the line's content. */
    AgentException error(Code code, String message) {
        return new AgentException(code, this + ": " + message);
    }

    @Override
    public String toString() {
        return file + " line " + line;
    }
}
