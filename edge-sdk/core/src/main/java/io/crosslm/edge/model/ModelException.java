package io.crosslm.edge.model;

/** An SLM engine could not do its work; never holds private text or scores. */
public final class ModelException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Code code;

    public ModelException(Code code, String message) {
        super(code.id() + ": " + message);
        this.code = code;
    }

    public ModelException(Code code, String message, Throwable cause) {
        super(code.id() + ": " + message, cause);
        this.code = code;
    }

    public Code code() {
        return code;
    }

    /** What kind of failure; explained in docs/ref-error-codes.md. */
    public enum Code {
        /** The package is damaged, incomplete or of a newer format. */
        BAD_PACKAGE("SLM-2001"),
        /** A saved state is damaged or belongs to another package. */
        BAD_CHECKPOINT("SLM-2002"),
        /** Training data that the model cannot take. */
        BAD_DATA("SLM-2003"),
        /** The loss became infinite or not a number. */
        NOT_FINITE("SLM-2004"),
        /** The caller ended the work. */
        CANCELLED("SLM-2005"),
        /** The runtime failed. */
        RUNTIME("SLM-2006"),
        /** Reading or writing a file failed. */
        STORAGE("SLM-2007"),
        /** The package is made for another engine. */
        OTHER_ENGINE("SLM-2008"),
        /** The package's model can score but not train. */
        SCORES_ONLY("SLM-2009"),
        /** The package's model cannot be trained with differential privacy. */
        NOT_PRIVATE("SLM-2010");

        private final String id;

        Code(String id) {
            this.id = id;
        }

        public String id() {
            return id;
        }
    }
}
