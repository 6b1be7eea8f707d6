package io.crosslm.edge.link;

import java.io.IOException;

/** A connection could not be opened or used. */
public final class LinkException extends IOException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    public LinkException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public LinkException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }

    /** What to do about it. */
    public enum Reason {
        /** Nobody answers, or the connection broke: try again later. */
        UNREACHABLE,
        /** The broker does not accept the credential: a person must look. */
        NOT_AUTHORISED,
        /** Its certificate is not one that the device trusts: a person must look. */
        UNTRUSTED,
        /** The broker answered no for another reason: try again later. */
        REFUSED
    }
}
