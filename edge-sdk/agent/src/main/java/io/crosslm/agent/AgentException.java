package io.crosslm.agent;

/** The agent cannot go on as it is set up; names files, lines and keys, never private text. */
public final class AgentException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Code code;

    public AgentException(Code code, String message) {
        super(code.id() + ": " + message);
        this.code = code;
    }

    public AgentException(Code code, String message, Throwable cause) {
        super(code.id() + ": " + message, cause);
        this.code = code;
    }

    public Code code() {
        return code;
    }

    /** What kind of failure; explained in docs/ref-error-codes.md. */
    public enum Code {
        /** The config file has a key or value that the agent does not take, or lacks one. */
        BAD_CONFIG("AGENT-4001"),
        /** A file is missing, a directory, or not readable. */
        UNREADABLE_FILE("AGENT-4002"),
        /** A data file is empty or its content is not what its name promises. */
        MALFORMED_DATA("AGENT-4003"),
        /** An example has a label that the task does not have. */
        UNKNOWN_LABEL("AGENT-4004"),
        /** A line, a file or the number of examples is above its limit. */
        TOO_LARGE("AGENT-4005"),
        /** The storage directory cannot be written. */
        STORAGE("AGENT-4006"),
        /** No engine of the configured name is on the class path. */
        NO_ENGINE("AGENT-4007"),
        /** The device has no identity and none can be had with the configured enrolment code. */
        NOT_ENROLLED("AGENT-4008");

        private final String id;

        Code(String id) {
            this.id = id;
        }

        public String id() {
            return id;
        }
    }
}
