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
        /** Something that was stored is missing or cannot be read. */
        DAMAGED_DATABASE("COORD-4009", 500),
        /** A round ended its scoring with fewer reports than the task needs. */
        TOO_FEW_REPORTS("COORD-4020", 409),
        /** The coordinator runs without a language model. */
        NO_LANGUAGE_MODEL("COORD-4021", 409),
        /** The language model wrote nothing that can be sent to devices. */
        NO_USABLE_SAMPLES("COORD-4022", 409),
        /** The task's adapter was tuned on another language model than the coordinator's. */
        OTHER_LANGUAGE_MODEL("COORD-4023", 409),
        /** A request without a token that allows it. */
        UNAUTHENTICATED("COORD-4101", 401),
        /** A path or file that the service does not have. */
        NOT_FOUND("COORD-4102", 404),
        UNKNOWN_DEVICE("COORD-4103", 404),
        /** An enrolment code that is unknown, expired or used. */
        BAD_ENROLMENT_CODE("COORD-4104", 403),
        /** An artifact that is not kept, or no longer. */
        UNKNOWN_ARTIFACT("COORD-4105", 404),
        /** A method or media type that the path does not take. */
        NOT_ALLOWED("COORD-4106", 405),
        /** The service is starting or stopping. */
        NOT_READY("COORD-4107", 503),
        /** The broker did not take a message. */
        BROKER_AWAY("COORD-4108", 503),
        /** The disk is full or a file cannot be written. */
        NO_DISK("COORD-4109", 507),
        /** Something that should not happen; the log tells more. */
        INTERNAL("COORD-4110", 500),
        /** Something that is done to devices that left only. */
        DEVICE_TAKES_PART("COORD-4111", 409),
        /** A setting that is unknown or has no such value; stops the start. */
        BAD_SETTING("COORD-4201", 500),
        /** The data folder cannot be used; stops the start. */
        BAD_DATA_FOLDER("COORD-4202", 500),
        /** A port is taken; stops the start. */
        PORT_TAKEN("COORD-4203", 500),
        /** The embedded broker does not start; stops the start. */
        BROKER_FAILED("COORD-4204", 500),
        /** A certificate or key cannot be used; stops the start. */
        BAD_CERTIFICATE("COORD-4205", 500),
        /** A broker that is not embedded cannot be reached. */
        BROKER_UNREACHABLE("COORD-4210", 503),
        /** A broker does not let the coordinator in, or not do what it must. */
        BROKER_REFUSED("COORD-4211", 503),
        /** A broker's certificate is not one to trust. */
        BROKER_UNTRUSTED("COORD-4212", 503),
        /** What answers is no broker of MQTT 5. */
        BROKER_NOT_MQTT5("COORD-4213", 503),
        /** A broker lacks something that rounds need. */
        BROKER_UNFIT("COORD-4214", 503),
        /** Dynamic security at the broker does not answer, or refuses. */
        BROKER_ACCESS("COORD-4215", 503),
        /** The broker does not know devices that have enrolled. */
        DEVICES_WITHOUT_ACCOUNT("COORD-4216", 503);

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
