package io.crosslm.coordinator.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.coordinator.Sentences;
import io.crosslm.edge.DeviceIdentity;
import io.crosslm.edge.EdgeClient;
import io.crosslm.edge.EdgeException;
import io.crosslm.edge.EdgeException.Code;
import io.crosslm.edge.Enrolment;
import io.crosslm.edge.SecretStore;
import io.crosslm.protocol.CertificatePin;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.TenantId;
import io.crosslm.testkit.FormulaEngine;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whom the device library believes, against servers with certificates that the test makes. */
final class DeviceTrustTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost");

    @TempDir private Path storage;

    @Test
    void enrol_atTheServerOfThePin_keepsItsAuthority() {
        try (TlsServer server = TlsServer.start(NOW, LOOPBACK)) {
            DeviceIdentity identity = enrol(server.code(), NOW);

            assertThat(identity.authority()).isEqualTo(server.identity().authorityPem());
            assertThat(Enrolment.in(storage).stored()).contains(identity);
        }
    }

    @Test
    void enrol_withThePinOfAnotherAuthority_sendsNothing() {
        CertificatePin other =
                CertificatePin.of(new Certificates(new SecureRandom()).keyPair().getPublic());
        try (TlsServer server = TlsServer.start(NOW, LOOPBACK)) {
            assertRefused(server.code(other), NOW)
                    .hasMessageContaining("does not lead to the authority that this device trusts")
                    .hasMessageContaining("CN=test authority")
                    .hasMessageNotContaining("SECRET");
            assertThat(server.requests()).isZero();
        }
    }

    @Test
    void enrol_atAServerThatShowsTheRightAuthorityWithAnothersCertificate_sendsNothing() {
        try (TlsServer right = TlsServer.start(NOW, LOOPBACK);
                TlsServer wrong = TlsServer.start(NOW, LOOPBACK)) {
            ServerIdentity liar =
                    new ServerIdentity(
                            wrong.identity().key(),
                            List.of(wrong.identity().chain().get(0), right.identity().authority()),
                            right.identity().authority());
            try (TlsServer server = TlsServer.start(liar)) {
                assertRefused(server.code(), NOW)
                        .hasMessageContaining("does not lead to the authority");
                assertThat(server.requests()).isZero();
            }
        }
    }

    @Test
    void enrol_withACertificateForAnotherName_sendsNothing() {
        try (TlsServer server = TlsServer.start(NOW, Set.of("10.9.8.7", "box.example"))) {
            assertRefused(server.code(), NOW)
                    .hasMessageContaining("127.0.0.1")
                    .hasMessageContaining("its certificate is not for this name");
            assertThat(server.requests()).isZero();
        }
    }

    @Test
    void enrol_withAnExpiredCertificate_saysClockAndWindow() {
        Instant late = NOW.plus(Duration.ofDays(826));
        try (TlsServer server = TlsServer.start(NOW, LOOPBACK)) {
            assertRefused(server.code(), late)
                    .hasMessageContaining("good from 2026-02-28T12:00:00Z to 2028-06-03T12:00:00Z")
                    .hasMessageContaining("clock says 2028-06-04T12:00:00Z");
            assertThat(server.requests()).isZero();
        }
    }

    @Test
    void enrol_withAClockTenYearsBehind_saysSo() {
        Instant behind = Instant.parse("2016-03-01T12:00:00Z");
        try (TlsServer server = TlsServer.start(NOW, LOOPBACK)) {
            assertRefused(server.code(), behind)
                    .hasMessageContaining("clock says 2016-03-01T12:00:00Z; set the clock");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"crosslm://10.0.0.5:8080/SECRET", "crosslm://box.example:1/SECRET"})
    void enrol_withoutPinOffThisMachine_isRefusedBeforeAnyConnection(String code) {
        assertThatThrownBy(() -> Enrolment.in(storage).enrol(code, null, null))
                .isInstanceOfSatisfying(
                        EdgeException.class, e -> assertThat(e.code()).isEqualTo(Code.CLEARTEXT))
                .hasMessageContaining("expected an address with TLS")
                .hasMessageNotContaining("SECRET");
    }

    @Test
    void enrol_withPinAtAnAddressWithoutTls_saysWhatToWrite() {
        try (TlsServer server = TlsServer.start(NOW, LOOPBACK)) {
            assertThatThrownBy(
                            () ->
                                    Enrolment.in(storage)
                                            .enrol(
                                                    server.code(),
                                                    URI.create("http://10.0.0.5:8080"),
                                                    null))
                    .hasMessageStartingWith("EDGE-3001")
                    .hasMessageContaining("write https there");
        }
    }

    @Test
    void client_withoutTlsOffThisMachine_isNotBuilt() {
        DeviceIdentity identity =
                new DeviceIdentity(
                        new DeviceId("silo-1"),
                        "topsecret",
                        TenantId.DEFAULT,
                        URI.create("tcp://10.0.0.5:1883"),
                        URI.create("http://10.0.0.5:8080"));

        assertThatThrownBy(
                        () ->
                                EdgeClient.builder(identity.coordinatorUri(), identity)
                                        .task("trec", Sentences.of(1), new FormulaEngine())
                                        .storage(storage)
                                        .build())
                .isInstanceOfSatisfying(
                        EdgeException.class, e -> assertThat(e.code()).isEqualTo(Code.CLEARTEXT));
    }

    private DeviceIdentity enrol(String code, Instant now) {
        return Enrolment.in(SecretStore.in(storage), Clock.fixed(now, ZoneOffset.UTC))
                .enrol(code, null, null);
    }

    private AbstractThrowableAssert<?, ?> assertRefused(String code, Instant now) {
        return assertThatThrownBy(() -> enrol(code, now))
                .isInstanceOfSatisfying(
                        EdgeException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.UNTRUSTED_SERVER));
    }
}
