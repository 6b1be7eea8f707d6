package io.crosslm.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.edge.DeviceIdentity;
import io.crosslm.edge.EdgeClient;
import io.crosslm.edge.EdgeException;
import io.crosslm.edge.Enrolment;
import io.crosslm.edge.SecretStore;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Clock;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EnrolmentTest {
    private static final String ANSWER =
            "{\"deviceId\":\"silo-1\",\"token\":\"topsecret\",\"tenant\":\"default\","
                    + "\"brokerUri\":\"tcp://127.0.0.1:1883\","
                    + "\"coordinatorUri\":\"http://127.0.0.1:8080\"}";

    @TempDir private Path storage;
    private final ArtifactServer server = ArtifactServer.start();

    @AfterEach
    void stop() {
        server.close();
    }

    private String code(String secret) {
        return "crosslm://127.0.0.1:" + server.uri().getPort() + "/" + secret;
    }

    @Test
    void enrol_withGoodCode_keepsTheIdentityForItsOwnerOnly() throws Exception {
        server.putEnrolment("ABC", ANSWER);
        DeviceIdentity identity = Enrolment.in(storage).enrol(code("ABC"), null, "box");
        assertThat(identity.device()).hasToString("silo-1");
        assertThat(Enrolment.in(storage).stored()).contains(identity);
        assertThat(Files.getPosixFilePermissions(storage.resolve("identity.json")))
                .containsExactlyInAnyOrder(
                        PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
    }

    @Test
    void enrol_withTheAppsStore_writesNoFile() {
        server.putEnrolment("ABC", ANSWER);
        MemoryStore secrets = new MemoryStore();
        DeviceIdentity identity =
                Enrolment.in(secrets, Clock.systemUTC()).enrol(code("ABC"), null, null);
        assertThat(Enrolment.in(secrets, Clock.systemUTC()).stored()).contains(identity);
        assertThat(storage).isEmptyDirectory();
        try (EdgeClient client =
                EdgeClient.builder(secrets)
                        .task("mood", new EdgeRig.Examples(), new FormulaEngine())
                        .storage(storage)
                        .build()) {
            assertThat(client.ledger()).isEmpty();
        }
        assertThat(storage.resolve("identity.json")).doesNotExist();
    }

    @Test
    void builder_withAnEmptyStore_saysToEnrolFirst() {
        assertThatThrownBy(() -> EdgeClient.builder(new MemoryStore()))
                .hasMessageStartingWith("EDGE-3001")
                .hasMessageContaining("expected an identity in memory, but there is none");
    }

    @Test
    void enrol_whoseIdentityCannotBeKept_saysThatTheCodeIsSpent() {
        server.putEnrolment("ABC", ANSWER);
        SecretStore full =
                new MemoryStore() {
                    @Override
                    public void save(byte[] secret) throws IOException {
                        throw new IOException("full");
                    }
                };
        assertThatThrownBy(
                        () -> Enrolment.in(full, Clock.systemUTC()).enrol(code("ABC"), null, null))
                .hasMessageStartingWith("EDGE-3002")
                .hasMessageContaining("cannot be kept in memory; mend that and enrol with a new")
                .hasMessageNotContaining("topsecret");
    }

    @Test
    void enrol_withBareCodeAndCoordinator_works() {
        server.putEnrolment("ABC", ANSWER);
        DeviceIdentity identity = Enrolment.in(storage).enrol("ABC", server.uri(), null);
        assertThat(identity.brokerUri()).isEqualTo(URI.create("tcp://127.0.0.1:1883"));
    }

    @Test
    void enrol_withSpentCode_saysWhatTheCoordinatorSaid() {
        assertThatThrownBy(() -> Enrolment.in(storage).enrol(code("SPENT"), null, null))
                .isInstanceOf(EdgeException.class)
                .hasMessageStartingWith("EDGE-3005")
                .hasMessageContaining(
                        "to take the enrolment code, but it answered 403: the code is unknown or"
                                + " spent; a code works once")
                .hasMessageNotContaining("SPENT");
        assertThat(Enrolment.in(storage).stored()).isEmpty();
    }

    /** Only the coordinator can say that a code is not good. */
    @ParameterizedTest
    @ValueSource(ints = {302, 404, 429})
    void enrol_whereNoCoordinatorAnswers_doesNotBlameTheCode(int status) {
        server.refuseWith(status);
        assertThatThrownBy(() -> Enrolment.in(storage).enrol(code("ABC"), null, null))
                .hasMessageStartingWith("EDGE-3006")
                .hasMessageContaining("answered " + status)
                .hasMessageContaining("is this its address")
                .hasMessageNotContaining("ABC");
    }

    @Test
    void enrol_whoseRequestMakesNoSense_saysThatTheCodeIsNotSpent() {
        server.refuseWith(400);
        assertThatThrownBy(() -> Enrolment.in(storage).enrol(code("ABC"), null, null))
                .hasMessageStartingWith("EDGE-3005")
                .hasMessageContaining("answered 400: refused by the test; the code is not spent");
    }

    @Test
    void enrol_withNobodyThere_saysSo() {
        assertThatThrownBy(() -> Enrolment.in(storage).enrol("crosslm://127.0.0.1:1/X", null, null))
                .hasMessageStartingWith("EDGE-3006");
    }

    @Test
    void enrol_withAnswerOfAnotherServer_isRefused() {
        server.putEnrolment("ABC", "{\"hello\":1}");
        assertThatThrownBy(() -> Enrolment.in(storage).enrol(code("ABC"), null, null))
                .isInstanceOf(EdgeException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ABC",
                "crosslm://host/ABC",
                "crosslm://host:1",
                "crosslm://host:1/a#pin"
            })
    void enrol_withBadCode_saysWhatIsExpectedAndNotTheCode(String code) {
        assertThatThrownBy(() -> Enrolment.in(storage).enrol(code, null, null))
                .isInstanceOfSatisfying(
                        EdgeException.class,
                        e -> assertThat(e.code()).isEqualTo(EdgeException.Code.CONFIGURATION))
                .hasMessageNotContaining("ABC");
    }

    @Test
    void stored_thatIsDamaged_saysWhatToDo() throws Exception {
        Files.writeString(storage.resolve("identity.json"), "{\"deviceId\":");
        assertThatThrownBy(() -> Enrolment.in(storage).stored())
                .hasMessageStartingWith("EDGE-3004")
                .hasMessageContaining("enrol with a new code");
    }

    @Test
    void identity_shown_hidesTheToken() {
        server.putEnrolment("ABC", ANSWER);
        assertThat(Enrolment.in(storage).enrol(code("ABC"), null, null).toString())
                .doesNotContain("topsecret");
    }

    /** Keeps the identity where an app might. */
    private static class MemoryStore implements SecretStore {
        private byte[] kept = {};

        @Override
        public Optional<byte[]> load() {
            return kept.length == 0 ? Optional.empty() : Optional.of(kept.clone());
        }

        @Override
        public void save(byte[] secret) throws IOException {
            kept = secret.clone();
        }

        @Override
        public String place() {
            return "memory";
        }
    }
}
