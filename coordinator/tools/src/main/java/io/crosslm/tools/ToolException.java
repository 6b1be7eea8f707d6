package io.crosslm.tools;

/** A tool cannot go on; the message tells a person what was expected, what came and what to do. */
public final class ToolException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Code code;

    public ToolException(Code code, String message) {
        super(code.id() + ": " + message);
        this.code = code;
    }

    public ToolException(Code code, String message, Throwable cause) {
        super(code.id() + ": " + message, cause);
        this.code = code;
    }

    public Code code() {
        return code;
    }

    /** What kind of failure; explained in docs/ref-error-codes.md. */
    public enum Code {
        /** There is no such task, or its file is not one. */
        UNKNOWN_TASK("TOOL-5001"),
        /** A data file is missing, empty or malformed. */
        BAD_DATA("TOOL-5002"),
        /** A process of the demo or a peer of a benchmark did not start or ended early. */
        PROCESS("TOOL-5003"),
        /** The coordinator refused a request or a round failed. */
        COORDINATOR("TOOL-5004"),
        /** A file could not be written. */
        STORAGE("TOOL-5005"),
        /** The catalogue has no such model. */
        UNKNOWN_MODEL("TOOL-5006"),
        /** A file is not an SLM package. */
        BAD_PACKAGE("TOOL-5007");

        private final String id;

        Code(String id) {
            this.id = id;
        }

        public String id() {
            return id;
        }
    }
}
