package io.crosslm.coordinator;

/**
 * Something about a task, a round or the service went wrong; the message says what was expected,
 * what came and what to do, and holds no private text, score or secret.
 */
public final class CoordinatorException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Code code;
    private final String detail;

    public CoordinatorException(Code code, String detail) {
        super(code.id() + ": " + detail);
        this.code = code;
        this.detail = detail;
    }

    public CoordinatorException(Code code, String detail, Throwable cause) {
        super(code.id() + ": " + detail, cause);
        this.code = code;
        this.detail = detail;
    }

    public Code code() {
        return code;
    }

    /** The message without the code. */
    public String detail() {
        return detail;
    }

    /** What kind of failure; explained in docs/ref-error-codes.md. */
    public enum Code {
        /** A task file that breaks a rule. */
        BAD_TASK("COORD-4001", 400),
        /** A task of this name exists with another definition. */
        TASK_DIFFERS("COORD-4002", 409),
        UNKNOWN_TASK("COORD-4003", 404),
        UNKNOWN_ROUND("COORD-4004", 404),
        /** A request whose body or parameter makes no sense. */
        BAD_REQUEST("COORD-4005", 400),
        /** The round has ended already. */
        ROUND_OVER("COORD-4006", 409),
        /** A task's evaluation file that cannot be read. */
        BAD_EVALUATION_FILE("COORD-4007", 400),
        /** The database did not take or give what it should. */
        STORAGE("COORD-4008", 500),
        /** A round ended its scoring with fewer reports than the task needs. */
        TOO_FEW_REPORTS("COORD-4020", 409),
        /** The coordinator runs without a language model. */
        NO_LANGUAGE_MODEL("COORD-4021", 409),
        /** The language model wrote nothing that can be sent to devices. */
        NO_USABLE_SAMPLES("COORD-4022", 409);

        private final String id;
        private final int httpStatus;

        Code(String id, int httpStatus) {
            this.id = id;
            this.httpStatus = httpStatus;
        }

        public String id() {
            return id;
        }

        /** Status of a REST answer that reports this. */
        public int httpStatus() {
            return httpStatus;
        }
    }
}
