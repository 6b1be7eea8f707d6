package io.crosslm.coordinator.tls;

import io.quarkus.vertx.http.HttpServerOptionsCustomizer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.KeyCertOptions;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Set;

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
                        encrypted ->
                                options.setSsl(true)
                                        .setUseAlpn(false)
                                        .setEnabledSecureTransportProtocols(PROTOCOLS)
                                        .setKeyCertOptions(
                                                KeyCertOptions.wrap(
                                                        new PresentKey(this::identity))));
    }

    private ServerIdentity identity() {
        return encryption.identity().orElseThrow();
    }
}
