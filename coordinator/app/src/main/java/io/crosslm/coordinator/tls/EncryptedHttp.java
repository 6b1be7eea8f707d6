package io.crosslm.coordinator.tls;

import io.quarkus.vertx.http.HttpServerOptionsCustomizer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.KeyCertOptions;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Arrays;
import java.util.Set;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.X509KeyManager;

/**
 * Makes the one HTTP listener an HTTPS listener. A second listener, which the server would have for
 * HTTPS, would leave the question which port is whose.
 */
@ApplicationScoped
final class EncryptedHttp implements HttpServerOptionsCustomizer {
    private static final Set<String> PROTOCOLS = Set.of("TLSv1.3", "TLSv1.2");

    private final Encryption encryption;

    EncryptedHttp(Encryption encryption) {
        this.encryption = encryption;
    }

    /** The server asks after the start sequence has opened the certificates. */
    @Override
    public void customizeHttpServer(HttpServerOptions options) {
        encryption
                .identity()
                .ifPresent(
                        identity ->
                                options.setSsl(true)
                                        .setUseAlpn(false)
                                        .setEnabledSecureTransportProtocols(PROTOCOLS)
                                        .setKeyCertOptions(
                                                KeyCertOptions.wrap(keyManager(identity))));
    }

    private static X509KeyManager keyManager(ServerIdentity identity) {
        char[] password = {};
        try {
            KeyStore store = identity.keyStore(password);
            KeyManagerFactory factory =
                    KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, password);
            return Arrays.stream(factory.getKeyManagers())
                    .filter(X509KeyManager.class::isInstance)
                    .map(X509KeyManager.class::cast)
                    .findFirst()
                    .orElseThrow();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This JDK does not take its own key store", e);
        }
    }
}
