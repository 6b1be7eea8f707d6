package io.crosslm.coordinator.tls;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;

/** Finds out whether a private and a public key belong together. */
final class KeyMatch {
    private static final byte[] TEXT = "one pair".getBytes(StandardCharsets.US_ASCII);

    private KeyMatch() {}

    /** Whether what one signs the other verifies; false for a key of no known algorithm, too. */
    static boolean fits(PrivateKey key, PublicKey other) {
        String algorithm =
                switch (key.getAlgorithm()) {
                    case "EC", "ECDSA" -> "SHA256withECDSA";
                    case "RSA" -> "SHA256withRSA";
                    default -> key.getAlgorithm();
                };
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(TEXT);
            byte[] signed = signature.sign();
            signature.initVerify(other);
            signature.update(TEXT);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            // A key that cannot sign, or not what the other can verify, is of another pair.
            return false;
        }
    }
}
