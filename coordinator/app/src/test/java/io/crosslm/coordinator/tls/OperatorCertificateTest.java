package io.crosslm.coordinator.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.coordinator.config.CoordinatorConfig;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OperatorCertificateTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    @TempDir private Path folder;
    private final Certificates certificates = new Certificates(new SecureRandom());
    private final KeyPair authorityKeys = certificates.keyPair();
    private final KeyPair serverKeys = certificates.keyPair();
    private final X509Certificate authority =
            certificates.authority("the operator's", authorityKeys, NOW, Duration.ofDays(1_000));
    private final X509Certificate server =
            certificates.server(
                    List.of("lm.example"),
                    serverKeys.getPublic(),
                    new Certificates.Issuer(
                            authority, authorityKeys.getPrivate(), NOW, Duration.ofDays(90)));

    @BeforeEach
    void write() {
        Pem.write(folder.resolve("server.pem"), Pem.of(server));
        Pem.write(folder.resolve("chain.pem"), Pem.of(server) + Pem.of(authority));
        Pem.write(folder.resolve("root.pem"), Pem.of(authority));
        Pem.write(folder.resolve("key.pem"), Pem.of(serverKeys.getPrivate()));
        Pem.write(folder.resolve("other-key.pem"), Pem.of(authorityKeys.getPrivate()));
    }

    @Test
    void read_chainWithItsAuthority_trustsTheLast() {
        ServerIdentity identity = read(settings("chain.pem", "key.pem", null), NOW);

        assertThat(identity.chain()).containsExactly(server, authority);
        assertThat(identity.authority()).isEqualTo(authority);
        assertThat(identity.key()).isEqualTo(serverKeys.getPrivate());
    }

    @Test
    void read_certificateWithItsAuthorityApart_showsBothToDevices() {
        ServerIdentity identity = read(settings("server.pem", "key.pem", "root.pem"), NOW);

        assertThat(identity.chain()).containsExactly(server, authority);
    }

    @Test
    void read_keyOfAnotherCertificate_isRefused() {
        assertThatThrownBy(() -> read(settings("chain.pem", "other-key.pem", null), NOW))
                .hasMessageStartingWith("COORD-4205")
                .hasMessageContaining("to be the key of the first certificate");
    }

    @Test
    void read_certificateThatHasExpired_isRefused() {
        assertThatThrownBy(
                        () ->
                                read(
                                        settings("chain.pem", "key.pem", null),
                                        NOW.plus(Duration.ofDays(91))))
                .hasMessageStartingWith("COORD-4205")
                .hasMessageContaining("to be good now");
    }

    @Test
    void read_keyFileWithoutAKey_namesTheFile() {
        assertThatThrownBy(() -> read(settings("chain.pem", "root.pem", null), NOW))
                .hasMessageStartingWith("COORD-4205")
                .hasMessageContaining(folder.resolve("root.pem").toString());
    }

    @Test
    void isSet_certificateWithoutKey_isRefused() {
        assertThatThrownBy(() -> OperatorCertificate.isSet(settings("chain.pem", null, null)))
                .hasMessageStartingWith("COORD-4201")
                .hasMessageContaining("only the certificate is set");
    }

    private static ServerIdentity read(CoordinatorConfig.Tls settings, Instant now) {
        return OperatorCertificate.read(settings, Clock.fixed(now, ZoneOffset.UTC));
    }

    private CoordinatorConfig.Tls settings(
            @Nullable String certificate, @Nullable String key, @Nullable String root) {
        return new Settings(
                CoordinatorConfig.TlsMode.ON,
                Optional.ofNullable(certificate).map(folder::resolve),
                Optional.ofNullable(key).map(folder::resolve),
                Optional.ofNullable(root).map(folder::resolve),
                Optional.empty());
    }

    private record Settings(
            CoordinatorConfig.TlsMode mode,
            Optional<Path> certificate,
            Optional<Path> key,
            Optional<Path> authority,
            Optional<List<String>> names)
            implements CoordinatorConfig.Tls {}
}
