package io.crosslm.coordinator.tls;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * The coordinator's own authority and the server certificate that it signs, in a folder: made when
 * they are not there, renewed when they near their end. The authority keeps its key for ever, so
 * that devices keep trusting it. For one thread at a time.
 */
final class OwnCertificate {
    /** How long an authority's certificate lasts. */
    static final Duration AUTHORITY_LIFE = Duration.ofDays(3_652);

    /** How long a server's certificate lasts. */
    static final Duration SERVER_LIFE = Duration.ofDays(825);

    /** A certificate with less than this left is renewed. */
    static final Duration RENEWED_BEFORE = Duration.ofDays(180);

    private static final Logger LOG = Logger.getLogger(OwnCertificate.class);

    private final Path folder;
    private final Certificates certificates;
    private final Clock clock;

    OwnCertificate(Path folder, Certificates certificates, Clock clock) {
        this.folder = folder;
        this.certificates = certificates;
        this.clock = clock;
    }

    /**
     * The identity of a server with these names.
     *
     * @throws CoordinatorException BAD_DATA_FOLDER or BAD_CERTIFICATE
     */
    ServerIdentity identity(Set<String> names) {
        return identity(names, folder.resolve("server.pem"), folder.resolve("server-key.pem"));
    }

    /**
     * Makes or renews the certificate of another server of the same authority.
     *
     * @param other folder that gets server.crt, server.key and ca.crt
     * @return the certificate
     * @throws CoordinatorException BAD_DATA_FOLDER or BAD_CERTIFICATE
     */
    X509Certificate issue(Set<String> names, Path other) {
        try {
            Files.createDirectories(other);
        } catch (IOException e) {
            throw new CoordinatorException(
                    Code.BAD_DATA_FOLDER,
                    "cannot make the folder " + other.toAbsolutePath() + " (" + e + ")",
                    e);
        }
        Path certificate = other.resolve("server.crt");
        ServerIdentity issued = identity(names, certificate, other.resolve("server.key"));
        Pem.open(certificate);
        // Last: who waits for it finds the others there.
        Path authority = other.resolve("ca.crt");
        Pem.write(authority, issued.authorityPem());
        Pem.open(authority);
        return issued.chain().get(0);
    }

    private ServerIdentity identity(Set<String> names, Path certificateFile, Path keyFile) {
        makeFolder();
        Authority signer = authority();
        X509Certificate authority = signer.certificate();
        if (Files.exists(certificateFile) && Files.exists(keyFile)) {
            List<X509Certificate> chain = Pem.certificates(certificateFile);
            if (serves(chain.get(0), names, authority)) {
                return new ServerIdentity(
                        Pem.privateKey(keyFile), List.of(chain.get(0), authority), authority);
            }
        }
        KeyPair server = certificates.keyPair();
        X509Certificate certificate =
                certificates.server(
                        names,
                        server.getPublic(),
                        new Certificates.Issuer(
                                authority, signer.key(), clock.instant(), SERVER_LIFE));
        delete(certificateFile);
        Pem.write(keyFile, Pem.of(server.getPrivate()));
        Pem.write(certificateFile, Pem.of(certificate) + Pem.of(authority));
        LOG.infof(
                "Made the server certificate %s for %s, good until %s",
                certificateFile, String.join(", ", names), certificate.getNotAfter().toInstant());
        return new ServerIdentity(server.getPrivate(), List.of(certificate, authority), authority);
    }

    private boolean serves(
            X509Certificate certificate, Set<String> names, X509Certificate authority) {
        try {
            certificate.verify(authority.getPublicKey());
        } catch (GeneralSecurityException e) {
            return false;
        }
        return lasts(certificate) && ServerNames.of(certificate).containsAll(names);
    }

    /** Whether a certificate is good now and for some time to come. */
    private boolean lasts(X509Certificate certificate) {
        Instant now = clock.instant();
        return !now.isBefore(certificate.getNotBefore().toInstant())
                && now.plus(RENEWED_BEFORE).isBefore(certificate.getNotAfter().toInstant());
    }

    /** Kept or made; a renewed certificate has the key of the one before. */
    private Authority authority() {
        Path file = folder.resolve("ca.pem");
        if (!Files.exists(file)) {
            // A key alone is of a start that was cut short: no device has heard of it.
            KeyPair made = certificates.keyPair();
            Pem.write(keyFile(), Pem.of(made.getPrivate()));
            return new Authority(write(file, made), made.getPrivate());
        }
        X509Certificate kept = Pem.certificates(file).get(0);
        PrivateKey key = Pem.privateKey(keyFile());
        if (!KeyMatch.fits(key, kept.getPublicKey())) {
            throw new CoordinatorException(
                    Code.BAD_CERTIFICATE,
                    "expected ca.pem and ca-key.pem in "
                            + folder.toAbsolutePath()
                            + " to belong together, but they do not; restore both from one backup,"
                            + " or delete the folder and enrol all devices anew");
        }
        return new Authority(
                lasts(kept) ? kept : write(file, new KeyPair(kept.getPublicKey(), key)), key);
    }

    private X509Certificate write(Path file, KeyPair keys) {
        X509Certificate made =
                certificates.authority("CrossLM authority", keys, clock.instant(), AUTHORITY_LIFE);
        Pem.write(file, Pem.of(made));
        return made;
    }

    private Path keyFile() {
        return folder.resolve("ca-key.pem");
    }

    private void makeFolder() {
        try {
            if (!Files.isDirectory(folder)) {
                Files.createDirectory(
                        folder,
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rwx------")));
            }
        } catch (IOException e) {
            throw new CoordinatorException(
                    Code.BAD_DATA_FOLDER,
                    "cannot make the folder " + folder.toAbsolutePath() + " (" + e + ")",
                    e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new CoordinatorException(
                    Code.BAD_DATA_FOLDER, "cannot replace " + file + " (" + e + ")", e);
        }
    }

    /** Who signs. */
    private record Authority(X509Certificate certificate, PrivateKey key) {}
}
