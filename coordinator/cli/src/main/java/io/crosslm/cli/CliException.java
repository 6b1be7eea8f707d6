package io.crosslm.cli;

/** A command could not do its work; the message says what was expected, what came, what to do. */
final class CliException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Code code;
    private final int httpStatus;

    private CliException(Code code, int httpStatus, String message) {
        super(message);
        this.code = code;
        this.httpStatus = httpStatus;
    }

    static CliException of(Code code, String message) {
        return new CliException(code, 0, code.id() + ": " + message);
    }

    /** A refusal in the coordinator's own words, which carry the coordinator's own code. */
    static CliException refused(int httpStatus, String message) {
        return new CliException(Code.REFUSED, httpStatus, message);
    }

    Code code() {
        return code;
    }

    /** The HTTP status of a refusal; 0 for every other code. */
    int httpStatus() {
        return httpStatus;
    }

    /** What kind of failure; explained in docs/ref-error-codes.md. */
    enum Code {
        /** Nobody answers at the coordinator's address, or too slowly. */
        NOT_REACHABLE("CLI-1001", 1),
        /** No access token, or one that cannot be a token. */
        NO_TOKEN("CLI-1002", 2),
        /** A file that cannot be read or is not what it should be. */
        BAD_FILE("CLI-1003", 2),
        /** The coordinator's address is not a URL of http or https. */
        BAD_ADDRESS("CLI-1004", 2),
        /** The answer is not one that a coordinator gives. */
        NOT_A_COORDINATOR("CLI-1005", 1),
        /** A round that was waited for failed or was cancelled. */
        ROUND_NOT_CLOSED("CLI-1006", 1),
        /** The wait was ended from outside. */
        INTERRUPTED("CLI-1007", 1),
        /** The coordinator said no. */
        REFUSED("CLI-1008", 1),
        /** A name or id that nothing can have. */
        BAD_NAME("CLI-1009", 2),
        /** The certificate of the coordinator's address is not one to trust. */
        UNTRUSTED("CLI-1010", 1);

        private final String id;
        private final int exitStatus;

        Code(String id, int exitStatus) {
            this.id = id;
            this.exitStatus = exitStatus;
        }

        String id() {
            return id;
        }

        /** 2 for what was typed wrong and never sent, 1 for everything else. */
        int exitStatus() {
            return exitStatus;
        }
    }
}
