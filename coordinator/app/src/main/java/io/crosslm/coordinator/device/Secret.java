package io.crosslm.coordinator.device;

import io.crosslm.protocol.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * A random token or code. Only its SHA-256 is kept: with 256 bits of randomness (128 for a code) no
 * slow hash is needed. Immutable.
 */
public final class Secret {
    private static final int TOKEN_BYTES = 32;

    private final String value;

    private Secret(String value) {
        this.value = value;
    }

    /** A new token of 256 random bits, in characters that headers and file names take. */
    public static Secret random(SecureRandom random) {
        return random(random, TOKEN_BYTES);
    }

    static Secret random(SecureRandom random, int bytes) {
        byte[] data = new byte[bytes];
        random.nextBytes(data);
        return new Secret(Base64.getUrlEncoder().withoutPadding().encodeToString(data));
    }

    /** What a client presented. */
    public static Secret of(String value) {
        return new Secret(value);
    }

    /** The characters; never to be logged. */
    public String reveal() {
        return value;
    }

    public Sha256 hash() {
        return Sha256.hash(value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return "Secret[redacted]";
    }
}
