package io.crosslm.edge;

import io.crosslm.edge.EdgeException.Code;
import io.crosslm.protocol.CertificatePin;
import io.crosslm.protocol.ProtocolException;

import org.jspecify.annotations.Nullable;

import java.net.URI;

/**
 * An enrolment code: {@code crosslm://host:port/secret#pin}, or the secret alone.
 *
 * @param coordinator that the code names; null if it is the secret alone
 * @param secret works once; never shown
 * @param pin of the authority to trust; null for a coordinator without TLS
 */
record EnrolmentCode(@Nullable URI coordinator, String secret, @Nullable CertificatePin pin) {
    private static final String SCHEME = "crosslm";

    static EnrolmentCode parse(String text) {
        String code = text.trim();
        if (!code.startsWith(SCHEME + ":")) {
            if (code.isEmpty()) {
                throw bad();
            }
            return new EnrolmentCode(null, code, null);
        }
        try {
            URI uri = URI.create(code);
            String path = uri.getPath();
            if (uri.getHost() == null || uri.getPort() < 0 || path == null || path.length() < 2) {
                throw bad();
            }
            CertificatePin pin =
                    uri.getFragment() == null ? null : CertificatePin.parse(uri.getFragment());
            String http = pin == null ? "http://" : "https://";
            return new EnrolmentCode(
                    URI.create(http + uri.getHost() + ":" + uri.getPort()), path.substring(1), pin);
        } catch (IllegalArgumentException | ProtocolException e) {
            // The cause quotes the code, which is a secret.
            throw bad();
        }
    }

    @Override
    public String toString() {
        return "EnrolmentCode[" + coordinator + "]";
    }

    static EdgeException bad() {
        return new EdgeException(
                Code.CONFIGURATION,
                "expected a whole enrolment code like crosslm://host:port/XXXX#XXXX, without the"
                        + " part after # for a coordinator on this machine without TLS; the"
                        + " operator makes one with \"crosslm device invite\"");
    }
}
