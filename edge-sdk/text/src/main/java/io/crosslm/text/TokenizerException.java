package io.crosslm.text;

/** A tokenizer file or table is not what it should be; the message says what was expected. */
public final class TokenizerException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Code code;

    public TokenizerException(Code code, String message) {
        super(code.id() + ": " + message);
        this.code = code;
    }

    public Code code() {
        return code;
    }

    /** What kind of failure; explained in docs/ref-error-codes.md. */
    public enum Code {
        /** Not JSON, or a member is missing or has the wrong type or an impossible value. */
        MALFORMED("TXT-1001"),
        /** Sound, but a kind of tokenizer that is not supported. */
        UNSUPPORTED("TXT-1002");

        private final String id;

        Code(String id) {
            this.id = id;
        }

        public String id() {
            return id;
        }
    }
}
