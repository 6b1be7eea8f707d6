package io.crosslm.coordinator.tls;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMException;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.jspecify.annotations.Nullable;

/** Certificates and keys in PEM form (RFC 7468). */
final class Pem {
    private Pem() {}

    static String of(X509Certificate certificate) {
        try {
            return block("CERTIFICATE", certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("A certificate that was read has no bytes", e);
        }
    }

    /** PKCS #8. */
    static String of(PrivateKey key) {
        return block("PRIVATE KEY", key.getEncoded());
    }

    /** All certificates of a file, in order; at least one. */
    static List<X509Certificate> certificates(Path file) {
        try {
            List<X509Certificate> certificates =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(
                                    new ByteArrayInputStream(Files.readAllBytes(file)))
                            .stream()
                            .map(X509Certificate.class::cast)
                            .toList();
            if (!certificates.isEmpty()) {
                return certificates;
            }
            throw unusable(file, "certificates", "none are in it", null);
        } catch (IOException | CertificateException e) {
            throw unusable(file, "certificates", e.toString(), e);
        }
    }

    /** The private key of a file: PKCS #8, or the older form of its algorithm, not encrypted. */
    static PrivateKey privateKey(Path file) {
        try (PEMParser parser =
                new PEMParser(new StringReader(Files.readString(file, StandardCharsets.UTF_8)))) {
            JcaPEMKeyConverter converter = new JcaPEMKeyConverter();
            for (Object found = parser.readObject(); found != null; found = parser.readObject()) {
                if (found instanceof PrivateKeyInfo info) {
                    return converter.getPrivateKey(info);
                }
                if (found instanceof PEMKeyPair pair) {
                    return converter.getPrivateKey(pair.getPrivateKeyInfo());
                }
            }
            throw unusable(file, "a private key without a password", "none is in it", null);
        } catch (PEMException e) {
            // Its message may quote the file.
            throw unusable(file, "a private key without a password", "what is in it is none", null);
        } catch (IOException e) {
            throw unusable(
                    file, "a private key without a password", e.getClass().getSimpleName(), null);
        }
    }

    static void write(Path file, String content) {
        PrivateFile.write(file, content.getBytes(StandardCharsets.US_ASCII));
    }

    /** Lets everybody read a file that holds no key. */
    static void open(Path file) {
        try {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        } catch (IOException e) {
            throw new CoordinatorException(
                    Code.BAD_DATA_FOLDER,
                    "cannot change who may read " + file.toAbsolutePath() + " (" + e + ")",
                    e);
        }
    }

    private static String block(String kind, byte[] der) {
        String lines =
                Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                        .encodeToString(der);
        return "-----BEGIN " + kind + "-----\n" + lines + "\n-----END " + kind + "-----\n";
    }

    private static CoordinatorException unusable(
            Path file, String expected, String found, @Nullable Exception e) {
        String message =
                "expected "
                        + expected
                        + " in PEM form in "
                        + file.toAbsolutePath()
                        + ", but "
                        + found
                        + "; correct the file, or the setting that names it";
        return e == null
                ? new CoordinatorException(Code.BAD_CERTIFICATE, message)
                : new CoordinatorException(Code.BAD_CERTIFICATE, message, e);
    }
}
