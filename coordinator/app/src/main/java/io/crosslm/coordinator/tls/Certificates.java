package io.crosslm.coordinator.tls;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Makes keys and certificates: X.509 version 3 (RFC 5280), EC keys on P-256, signed with ECDSA and
 * SHA-256 by the JDK's own providers. Thread-safe.
 */
public final class Certificates {
    /** A device's clock may be behind by this much. */
    private static final Duration BACKDATED = Duration.ofDays(1);

    private static final String SIGNATURE = "SHA256withECDSA";
    private static final int SERIAL_BITS = 127;

    private final SecureRandom random;

    public Certificates(SecureRandom random) {
        this.random = random;
    }

    /** A new key pair. */
    public KeyPair keyPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This JDK has no elliptic curve P-256", e);
        }
    }

    /** The certificate of an authority, signed with its own key. */
    public X509Certificate authority(String name, KeyPair keys, Instant now, Duration life) {
        X500Name subject = named(name);
        X509v3CertificateBuilder builder =
                builder(subject, subject, keys.getPublic(), now, now.plus(life));
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            builder.addExtension(
                    Extension.keyUsage,
                    true,
                    new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            builder.addExtension(
                    Extension.subjectKeyIdentifier,
                    false,
                    new JcaX509ExtensionUtils().createSubjectKeyIdentifier(keys.getPublic()));
            return sign(builder, keys.getPrivate());
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("A certificate could not be made", e);
        }
    }

    /**
     * The certificate of a server, signed by an authority; it ends with the authority's at the
     * latest.
     *
     * @param names host names and addresses; at least one
     */
    public X509Certificate server(Collection<String> names, PublicKey key, Issuer issuer) {
        Instant end = issuer.now().plus(issuer.life());
        Instant last = issuer.certificate().getNotAfter().toInstant();
        X509v3CertificateBuilder builder =
                builder(
                        X500Name.getInstance(
                                issuer.certificate().getSubjectX500Principal().getEncoded()),
                        named("CrossLM coordinator"),
                        key,
                        issuer.now(),
                        end.isAfter(last) ? last : end);
        GeneralName[] alternatives =
                names.stream().map(Certificates::generalName).toArray(GeneralName[]::new);
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(
                    Extension.extendedKeyUsage,
                    false,
                    new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
            builder.addExtension(
                    Extension.subjectAlternativeName, false, new GeneralNames(alternatives));
            builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    new JcaX509ExtensionUtils()
                            .createAuthorityKeyIdentifier(issuer.certificate().getPublicKey()));
            return sign(builder, issuer.key());
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("A certificate could not be made", e);
        }
    }

    private X509v3CertificateBuilder builder(
            X500Name issuer, X500Name subject, PublicKey key, Instant now, Instant end) {
        return new JcaX509v3CertificateBuilder(
                issuer,
                new BigInteger(SERIAL_BITS, random).add(BigInteger.ONE),
                Date.from(now.minus(BACKDATED)),
                Date.from(end),
                subject,
                key);
    }

    private X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey key)
            throws GeneralSecurityException {
        try {
            return new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(
                                    new JcaContentSignerBuilder(SIGNATURE)
                                            .setSecureRandom(random)
                                            .build(key)));
        } catch (OperatorCreationException e) {
            throw new GeneralSecurityException("The key does not sign with " + SIGNATURE, e);
        }
    }

    private static X500Name named(String name) {
        return new X500Name("CN=" + name);
    }

    private static GeneralName generalName(String name) {
        return new GeneralName(
                ServerNames.isAddress(name) ? GeneralName.iPAddress : GeneralName.dNSName, name);
    }

    /**
     * Who signs, and for how long.
     *
     * @param life of what is signed, from now
     */
    public record Issuer(X509Certificate certificate, PrivateKey key, Instant now, Duration life) {
        @Override
        public String toString() {
            return "Issuer[" + certificate.getSubjectX500Principal() + "]";
        }
    }
}
