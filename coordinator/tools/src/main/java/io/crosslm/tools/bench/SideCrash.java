package io.crosslm.tools.bench;

import io.crosslm.tools.ToolException;

/** A signal ended a side's program, as where a library does not bear this processor. */
final class SideCrash extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What a shell adds to a signal's number. */
    static final int FIRST_STATUS = 128;

    private final ToolException problem;

    SideCrash(ToolException problem) {
        super(problem);
        this.problem = problem;
    }

    /** For where it is an error like any other. */
    ToolException problem() {
        return problem;
    }
}
