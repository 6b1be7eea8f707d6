package io.crosslm.coordinator.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.coordinator.CoordinatorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OwnCertificateTest {
    private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");
    private static final Set<String> NAMES = ServerNames.of(List.of("10.0.0.5", "Box.Example"));

    @TempDir private Path data;

    @Test
    void identity_atTheFirstStart_isSignedByItsOwnAuthorityForAllNames() throws Exception {
        ServerIdentity identity = own(START).identity(NAMES);

        X509Certificate server = identity.chain().get(0);
        server.verify(identity.authority().getPublicKey());
        identity.authority().verify(identity.authority().getPublicKey());
        assertThat(ServerNames.of(server))
                .contains("localhost", "127.0.0.1", "0:0:0:0:0:0:0:1", "10.0.0.5", "box.example");
        assertThat(identity.authority().getBasicConstraints()).isZero();
        assertThat(server.getBasicConstraints()).isEqualTo(-1);
        assertThat(server.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
        assertThat(identity.authority().getNotAfter().toInstant())
                .isEqualTo(START.plus(OwnCertificate.AUTHORITY_LIFE));
    }

    @Test
    void files_ofTheIdentity_areTheOwnersOnly() throws Exception {
        own(START).identity(NAMES);

        Path folder = data.resolve("tls");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                .isEqualTo("rwx------");
        for (String name : List.of("ca.pem", "ca-key.pem", "server.pem", "server-key.pem")) {
            assertThat(
                            PosixFilePermissions.toString(
                                    Files.getPosixFilePermissions(folder.resolve(name))))
                    .as(name)
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void issue_forAnotherServer_isSignedByTheAuthorityAndKept() throws Exception {
        Path other = data.resolve("broker");
        own(START).issue(Set.of("broker.example"), other);
        String first = Files.readString(other.resolve("server.crt"));
        String key = Files.readString(other.resolve("server.key"));
        own(START.plus(Duration.ofDays(1))).issue(Set.of("broker.example"), other);

        X509Certificate issued = Pem.certificates(other.resolve("server.crt")).get(0);
        issued.verify(own(START).identity(NAMES).authority().getPublicKey());
        assertThat(ServerNames.of(issued)).containsExactly("broker.example");
        assertThat(Files.readString(other.resolve("server.crt"))).isEqualTo(first);
        assertThat(Files.readString(other.resolve("server.key"))).isEqualTo(key);
        assertThat(Files.readString(other.resolve("ca.crt")))
                .isEqualTo(Files.readString(data.resolve("tls/ca.pem")));
        assertThat(permissions(other.resolve("server.key"))).isEqualTo("rw-------");
        assertThat(permissions(other.resolve("server.crt"))).isEqualTo("rw-r--r--");
    }

    @Test
    void issue_nearTheEnd_isRenewed() throws Exception {
        Path other = data.resolve("broker");
        own(START).issue(Set.of("broker.example"), other);
        String first = Files.readString(other.resolve("server.crt"));
        own(START.plus(OwnCertificate.SERVER_LIFE).minus(Duration.ofDays(1)))
                .issue(Set.of("broker.example"), other);

        assertThat(Files.readString(other.resolve("server.crt"))).isNotEqualTo(first);
        assertThat(permissions(other.resolve("server.crt"))).isEqualTo("rw-r--r--");
    }

    private static String permissions(Path file) throws Exception {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    @Test
    void identity_atTheNextStart_isTheSame() {
        ServerIdentity first = own(START).identity(NAMES);

        assertThat(own(START.plus(Duration.ofDays(100))).identity(NAMES)).isEqualTo(first);
    }

    @Test
    void identity_nearTheServersEnd_isRenewedByTheSameAuthority() {
        ServerIdentity first = own(START).identity(NAMES);

        ServerIdentity later = own(START.plus(Duration.ofDays(700))).identity(NAMES);

        assertThat(later.chain().get(0)).isNotEqualTo(first.chain().get(0));
        assertThat(later.authority()).isEqualTo(first.authority());
    }

    @Test
    void identity_nearTheAuthoritysEnd_keepsItsPin() throws Exception {
        ServerIdentity first = own(START).identity(NAMES);
        Instant later = START.plus(Duration.ofDays(3_600));

        ServerIdentity renewed = own(later).identity(NAMES);

        assertThat(renewed.authority()).isNotEqualTo(first.authority());
        assertThat(renewed.pin()).isEqualTo(first.pin());
        renewed.chain().get(0).verify(first.authority().getPublicKey());
    }

    @Test
    void identity_withOneMoreName_isMadeAnew() {
        own(START).identity(NAMES);

        ServerIdentity moved = own(START).identity(ServerNames.of(List.of("10.0.0.6")));

        assertThat(ServerNames.of(moved.chain().get(0))).contains("10.0.0.6");
    }

    @Test
    void identity_withAKeyOfAnotherAuthority_saysWhatToDo() throws Exception {
        own(START).identity(NAMES);
        Certificates certificates = new Certificates(new SecureRandom());
        Pem.write(data.resolve("tls/ca-key.pem"), Pem.of(certificates.keyPair().getPrivate()));

        assertThatThrownBy(() -> own(START).identity(NAMES))
                .isInstanceOf(CoordinatorException.class)
                .hasMessageStartingWith("COORD-4205")
                .hasMessageContaining("restore both from one backup");
    }

    @Test
    void identity_shown_hidesTheKey() {
        ServerIdentity identity = own(START).identity(NAMES);

        assertThat(identity.toString()).isEqualTo("ServerIdentity[CN=CrossLM coordinator]");
    }

    private OwnCertificate own(Instant now) {
        return new OwnCertificate(
                data.resolve("tls"),
                new Certificates(new SecureRandom()),
                Clock.fixed(now, ZoneOffset.UTC));
    }
}
