package io.crosslm.coordinator.tls;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.function.Supplier;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Gives each handshake the key and certificate that the service has at that time, so that a server
 * which was set up with this one goes on with renewed ones. Thread-safe.
 */
final class PresentKey extends X509ExtendedKeyManager {
    private final Supplier<ServerIdentity> identity;
    private volatile Of present;

    PresentKey(Supplier<ServerIdentity> identity) {
        this.identity = identity;
        this.present = Of.the(identity.get());
    }

    private X509ExtendedKeyManager manager() {
        Of known = present;
        ServerIdentity now = identity.get();
        if (!known.identity.equals(now)) {
            known = Of.the(now);
            present = known;
        }
        return known.manager;
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return manager().getClientAliases(keyType, issuers);
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return manager().chooseClientAlias(keyType, issuers, socket);
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return manager().getServerAliases(keyType, issuers);
    }

    @Override
    public @Nullable String chooseServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return manager().chooseServerAlias(keyType, issuers, socket);
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return manager().chooseEngineServerAlias(keyType, issuers, engine);
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        return manager().getCertificateChain(alias);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        return manager().getPrivateKey(alias);
    }

    /** An identity and what tells it to TLS. */
    private record Of(ServerIdentity identity, X509ExtendedKeyManager manager) {
        static Of the(ServerIdentity identity) {
            char[] password = {};
            try {
                KeyStore store = identity.keyStore(password);
                KeyManagerFactory factory =
                        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
                factory.init(store, password);
                return new Of(
                        identity,
                        Arrays.stream(factory.getKeyManagers())
                                .filter(X509ExtendedKeyManager.class::isInstance)
                                .map(X509ExtendedKeyManager.class::cast)
                                .findFirst()
                                .orElseThrow());
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("This JDK does not take its own key store", e);
            }
        }
    }
}
