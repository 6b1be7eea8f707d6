package io.crosslm.protocol;

/** Something from outside broke a rule of the protocol; holds no text and no score of anybody. */
public final class ProtocolException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Code code;

    public ProtocolException(Code code, String message) {
        super(code.id() + ": " + message);
        this.code = code;
    }

    public ProtocolException(Code code, String message, Throwable cause) {
        super(code.id() + ": " + message, cause);
        this.code = code;
    }

    public Code code() {
        return code;
    }

    /** What kind of failure; explained in docs/ref-error-codes.md. */
    public enum Code {
        /** An id, a name or a round number that is not one. */
        BAD_ID("PROTO-5001"),
        /** A topic that the protocol does not have. */
        BAD_TOPIC("PROTO-5002"),
        /** A payload, count or length above its limit. */
        TOO_LARGE("PROTO-5003"),
        /** Bytes that are no message of the expected type, or damaged gzip. */
        MALFORMED("PROTO-5004"),
        /** A message whose field is missing or has a value that makes no sense. */
        BAD_FIELD("PROTO-5005"),
        /** Score bytes that no distribution gives. */
        BAD_SCORES("PROTO-5006");

        private final String id;

        Code(String id) {
            this.id = id;
        }

        public String id() {
            return id;
        }
    }
}
