package io.crosslm.slm;

/** A small model could not be built or run; the message says what was expected and what to do. */
public final class SlmException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Code code;

    public SlmException(Code code, String message) {
        super(code.id() + ": " + message);
        this.code = code;
    }

    public SlmException(Code code, String message, Throwable cause) {
        super(code.id() + ": " + message, cause);
        this.code = code;
    }

    public Code code() {
        return code;
    }

    /** What kind of failure; explained in docs/ref-error-codes.md. */
    public enum Code {
        /** The encoder's files are missing, malformed or of a kind that is not supported. */
        BAD_ENCODER("SLM-2101"),
        /** Labels, texts or settings that a package or classifier cannot be made of. */
        BAD_INPUT("SLM-2102"),
        /** The graph has an operator without a gradient rule. */
        NO_GRADIENT("SLM-2103"),
        /** ONNX Runtime failed. */
        RUNTIME("SLM-2104"),
        /** Reading or writing a file failed. */
        STORAGE("SLM-2105");

        private final String id;

        Code(String id) {
            this.id = id;
        }

        public String id() {
            return id;
        }
    }
}
