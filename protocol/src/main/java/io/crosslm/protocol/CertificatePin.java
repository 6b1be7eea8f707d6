package io.crosslm.protocol;

import io.crosslm.protocol.ProtocolException.Code;

import java.security.PublicKey;
import java.util.Base64;

/**
 * What an enrolment code says of the authority whose certificates a device may trust: the SHA-256
 * of the authority's public key in its DER form (SubjectPublicKeyInfo, RFC 5280), in base64url
 * without padding: 43 characters. It outlives a renewed certificate of the same key. Immutable.
 */
public record CertificatePin(Sha256 hash) {
    /** Characters of a pin. */
    public static final int LENGTH = 43;

    /** The pin of a key. */
    public static CertificatePin of(PublicKey authority) {
        return new CertificatePin(Sha256.hash(authority.getEncoded()));
    }

    /**
     * Reads a pin.
     *
     * @throws ProtocolException if the text is none
     */
    public static CertificatePin parse(String text) {
        try {
            if (text.length() == LENGTH) {
                return new CertificatePin(Sha256.of(Base64.getUrlDecoder().decode(text)));
            }
        } catch (IllegalArgumentException e) {
            throw notAPin();
        }
        throw notAPin();
    }

    /** The 43 characters. */
    public String text() {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(hash.bytes());
    }

    @Override
    public String toString() {
        return text();
    }

    private static ProtocolException notAPin() {
        return new ProtocolException(
                Code.BAD_FIELD,
                "a certificate's pin has "
                        + LENGTH
                        + " characters of A-Z a-z 0-9 - _, but this one is another text");
    }
}
