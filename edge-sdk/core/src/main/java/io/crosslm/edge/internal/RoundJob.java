package io.crosslm.edge.internal;

import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.TaskName;
import io.crosslm.protocol.wire.Announcement;
import java.util.function.BooleanSupplier;

/**
 * Work for one step of one round.
 *
 * @param wanted whether the result of the step has a purpose still
 * @param packageWanted whether a model of the announced package has one
 */
record RoundJob(
        TaskName task,
        RoundNumber round,
        Announcement announcement,
        BooleanSupplier wanted,
        BooleanSupplier packageWanted) {
    /** Ends the work if it has no purpose any more. */
    void checkWanted() throws NotWantedException {
        if (!wanted.getAsBoolean()) {
            throw new NotWantedException();
        }
    }

    /** The round went on, was cancelled, passed its deadline, or the client closes. */
    static final class NotWantedException extends Exception {
        private static final long serialVersionUID = 1L;

        NotWantedException() {
            super("the work is not wanted any more", null, false, false);
        }
    }
}
