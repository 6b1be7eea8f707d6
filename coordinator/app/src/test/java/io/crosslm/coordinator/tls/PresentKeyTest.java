package io.crosslm.coordinator.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PresentKeyTest {
    private static final Set<String> NAMES = ServerNames.of(List.of());

    @Test
    void certificateChain_afterARenewal_isTheNewOne(@TempDir Path data) throws Exception {
        OwnCertificate own =
                new OwnCertificate(
                        data.resolve("tls"),
                        new Certificates(new SecureRandom()),
                        Clock.systemUTC());
        AtomicReference<ServerIdentity> identity = new AtomicReference<>(own.identity(NAMES));
        PresentKey key = new PresentKey(identity::get);
        assertThat(shown(key)).isEqualTo(identity.get());
        Files.delete(data.resolve("tls/server.pem"));
        ServerIdentity renewed = own.identity(NAMES);

        identity.set(renewed);

        assertThat(shown(key)).isEqualTo(renewed);
    }

    private static ServerIdentity shown(PresentKey key) {
        String alias = key.chooseEngineServerAlias("EC", null, null);
        List<java.security.cert.X509Certificate> chain = List.of(key.getCertificateChain(alias));
        return new ServerIdentity(key.getPrivateKey(alias), chain, chain.get(chain.size() - 1));
    }
}
