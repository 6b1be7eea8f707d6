package io.crosslm.coordinator.round;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.protocol.ProtocolException;
import java.util.EnumSet;
import java.util.Set;

/**
 * What a step's failure means for its round. Immutable.
 *
 * @param reason why, with an error code and what to do
 */
record Trouble(Remedy remedy, String reason) {
    private static final long MIB = 1 << 20;
    private static final Set<Code> PASSING =
            EnumSet.of(Code.STORAGE, Code.BROKER_AWAY, Code.NOT_READY, Code.NO_DISK);

    /** What the round does. */
    enum Remedy {
        /** Tries the step again until it can be done. */
        WAIT,
        /** Tries the step again, as long as devices would be waited for. */
        WAIT_UNTIL_DEADLINE,
        /** Ends. */
        FAIL
    }

    static Trouble of(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        if (cause instanceof CoordinatorException e) {
            return new Trouble(PASSING.contains(e.code()) ? Remedy.WAIT : Remedy.FAIL, message);
        }
        if (cause instanceof LanguageModelException e) {
            return new Trouble(remedy(e.code()), message);
        }
        if (cause instanceof ProtocolException) {
            return new Trouble(Remedy.FAIL, message);
        }
        return new Trouble(Remedy.FAIL, reason(cause));
    }

    private static Remedy remedy(LanguageModelException.Code code) {
        return switch (code) {
            case CHECKPOINT -> Remedy.WAIT;
            case REMOTE_AWAY -> Remedy.WAIT_UNTIL_DEADLINE;
            default -> Remedy.FAIL;
        };
    }

    private static String reason(Throwable cause) {
        if (cause instanceof OutOfMemoryError) {
            return Code.INTERNAL.id()
                    + ": the step does not fit into the coordinator's memory ("
                    + cause.getMessage()
                    + "), whose Java heap has "
                    + Runtime.getRuntime().maxMemory() / MIB
                    + " MiB; start it with more (JAVA_OPTS=-Xmx2g), or take a smaller encoder or a"
                    + " lower tuning.rank in a task of another name";
        }
        if (cause instanceof StackOverflowError) {
            return Code.INTERNAL.id()
                    + ": the step needs a deeper stack than its thread has; start the coordinator"
                    + " with more (JAVA_OPTS=-Xss8m)";
        }
        if (cause instanceof LinkageError) {
            return Code.INTERNAL.id()
                    + ": a library that the step needs cannot be loaded ("
                    + cause
                    + "); see whether it fits this machine and its folder for temporary files can"
                    + " be written and executed, then start the coordinator again";
        }
        return "internal error " + cause.getClass().getSimpleName();
    }
}
