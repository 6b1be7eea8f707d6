package io.crosslm.coordinator.tls;

import io.crosslm.protocol.CertificatePin;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/**
 * By what the service proves who it is. Immutable; the key is in no text of it.
 *
 * @param chain the server's certificate first, then those that lead to the authority
 * @param authority whom devices trust
 */
public record ServerIdentity(
        PrivateKey key, List<X509Certificate> chain, X509Certificate authority) {
    private static final String ALIAS = "server";

    public ServerIdentity {
        chain = List.copyOf(chain);
    }

    /** What an enrolment code says of the authority. */
    public CertificatePin pin() {
        return CertificatePin.of(authority.getPublicKey());
    }

    /** The authority's certificate in PEM form. */
    public String authorityPem() {
        return Pem.of(authority);
    }

    /** Key and chain in a store of their own. */
    public KeyStore keyStore(char[] password) {
        KeyStore store = emptyStore();
        try {
            store.setKeyEntry(ALIAS, key, password, chain.toArray(new Certificate[0]));
            return store;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("A key store does not take the key", e);
        }
    }

    /** When the server's certificate ends. */
    public Instant end() {
        return chain.get(0).getNotAfter().toInstant();
    }

    /** The server's certificate alone: whoever trusts it trusts this service and no other. */
    KeyStore selfTrustStore() {
        KeyStore store = emptyStore();
        try {
            store.setCertificateEntry(ALIAS, chain.get(0));
            return store;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("A key store does not take the certificate", e);
        }
    }

    /** The authority alone: whoever trusts it trusts every server that it has signed. */
    public KeyStore authorityTrustStore() {
        return trustStore(List.of(authority));
    }

    static KeyStore trustStore(List<X509Certificate> authorities) {
        KeyStore store = emptyStore();
        try {
            for (int i = 0; i < authorities.size(); i++) {
                store.setCertificateEntry("authority" + i, authorities.get(i));
            }
            return store;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("A key store does not take the certificate", e);
        }
    }

    @Override
    public String toString() {
        return "ServerIdentity[" + chain.get(0).getSubjectX500Principal() + "]";
    }

    private static KeyStore emptyStore() {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            return store;
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("This JDK has no PKCS #12 key stores", e);
        }
    }
}
