package io.crosslm.edge.tls;

import java.io.IOException;

/** A server was reached, but the device does not believe that it is the coordinator. */
public final class TrustException extends IOException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    TrustException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    TrustException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }

    /** Why not. */
    public enum Reason {
        /** Its certificate does not lead to the authority that the device trusts. */
        AUTHORITY,
        /** Its certificate is not for the name or address that was asked. */
        NAME,
        /** By the device's clock its certificate has expired or is not good yet. */
        CLOCK,
        /** It would be spoken to without encryption, on another machine. */
        CLEARTEXT
    }
}
