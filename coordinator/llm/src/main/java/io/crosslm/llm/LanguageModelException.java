package io.crosslm.llm;

/**
 * Something about a language model went wrong; the message says what was expected and what to do.
 */
public final class LanguageModelException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Code code;

    public LanguageModelException(Code code, String message) {
        super(code.id() + ": " + message);
        this.code = code;
    }

    public LanguageModelException(Code code, String message, Throwable cause) {
        super(code.id() + ": " + message, cause);
        this.code = code;
    }

    public Code code() {
        return code;
    }

    /** What kind of failure; explained in docs/ref-error-codes.md. */
    public enum Code {
        /** A model file is not what its format says. */
        MALFORMED_FILE("LLM-1001"),
        /** The file is sound but has something that is not supported. */
        UNSUPPORTED_MODEL("LLM-1002"),
        /** A file's SHA-256 or size is not the expected one. */
        WRONG_HASH("LLM-1003"),
        /** No source gave the model. */
        MODEL_NOT_FOUND("LLM-1004"),
        /** A prompt or text that the model cannot take. */
        BAD_INPUT("LLM-1005"),
        /** The loss became infinite or not a number. */
        NOT_FINITE("LLM-1006"),
        /** The caller ended the work. */
        CANCELLED("LLM-1007"),
        /** The native engine failed. */
        ENGINE("LLM-1008"),
        /** An adapter that does not fit the model. */
        BAD_ADAPTER("LLM-1009"),
        /** A tuning job's state could not be written or read back. */
        CHECKPOINT("LLM-1010"),
        /** A server that has the model failed, or answers what it should not. */
        REMOTE("LLM-1020"),
        /** A server does not tell how likely a text is. */
        NO_LIKELIHOODS("LLM-1021"),
        /** A server that has the model cannot be reached or stays busy; a later try may help. */
        REMOTE_AWAY("LLM-1022"),
        /** A server that has the model wants another API key. */
        REMOTE_REFUSED("LLM-1023"),
        /** A model and its work need more memory than there is. */
        TOO_LITTLE_MEMORY("LLM-1030"),
        /** An exported model could not be written. */
        STORAGE("LLM-1031");

        private final String id;

        Code(String id) {
            this.id = id;
        }

        public String id() {
            return id;
        }
    }
}
