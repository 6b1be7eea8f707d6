package io.crosslm.edge.tls;

import java.security.cert.CertificateException;

/** A chain of certificates is refused; travels through the TLS library as the cause. */
final class RefusedChainException extends CertificateException {
    private static final long serialVersionUID = 1L;

    private final TrustException.Reason reason;

    RefusedChainException(TrustException.Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    RefusedChainException(TrustException.Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    TrustException.Reason reason() {
        return reason;
    }
}
