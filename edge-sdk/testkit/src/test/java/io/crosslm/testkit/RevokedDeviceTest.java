package io.crosslm.testkit;

import static io.crosslm.testkit.EdgeRig.DEVICE;
import static io.crosslm.testkit.EdgeRig.ROUND;
import static io.crosslm.testkit.EdgeRig.TASK;
import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.edge.EdgeClient;
import io.crosslm.edge.EdgeException;
import io.crosslm.edge.EdgeException.Code;
import io.crosslm.protocol.wire.Command;
import io.crosslm.protocol.wire.EncodedPart;
import io.crosslm.protocol.wire.Revoke;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a device learns that it is revoked, and what it does then. */
final class RevokedDeviceTest {
    private static final String BROKER = "tcp://memory:1";
    private static final Command REVOKE =
            Command.newBuilder().setRevoke(Revoke.newBuilder().setReason("lost")).build();

    @TempDir private Path directory;
    private final InMemoryBroker broker = new InMemoryBroker();
    private EdgeRig rig;
    private FakeCoordinator coordinator;
    private EdgeClient client;

    @BeforeEach
    void start() throws Exception {
        rig = new EdgeRig(directory);
        coordinator = new FakeCoordinator(broker, BROKER);
        client = rig.client(broker, BROKER).build();
        client.start();
        coordinator.await("the birth", () -> coordinator.isOnline(DEVICE));
    }

    @AfterEach
    void stop() {
        client.close();
        coordinator.close();
        rig.close();
    }

    private void awaitRevoked() {
        coordinator.await("the revocation", () -> rig.heard.has("revoked"));
    }

    @Test
    void command_toTheDevice_endsItsConnectionForGood() throws Exception {
        coordinator.send(DEVICE, REVOKE);
        awaitRevoked();
        coordinator.await("the death", () -> !coordinator.isOnline(DEVICE));
        // The death is said before the connection is closed.
        coordinator.await("the disconnection", () -> !broker.isConnected(DEVICE.value()));
        assertThat(rig.heard.problems())
                .singleElement()
                .extracting(EdgeException::code)
                .isEqualTo(Code.REVOKED);
        assertThat(rig.heard.problems().get(0)).hasMessageContaining("this device: lost;");
        assertThat(coordinator.sessionNumber(DEVICE)).isEqualTo(1);
    }

    @Test
    void refusals_ofBrokerAndCoordinator_areARevocation() {
        broker.refuse(DEVICE.value());
        rig.artifacts.refuseWith(401);
        broker.cut(DEVICE.value());
        awaitRevoked();
        assertThat(rig.heard.problems())
                .singleElement()
                .extracting(EdgeException::code)
                .isEqualTo(Code.REVOKED);
        assertThat(rig.artifacts.requests())
                .singleElement()
                .asString()
                .startsWith("HEAD /v1/artifacts/")
                .endsWith(" Bearer secret");
    }

    @Test
    void refusal_ofTheBrokerAlone_isTriedAgain() {
        broker.refuse(DEVICE.value());
        broker.cut(DEVICE.value());
        coordinator.await(
                "three refusals",
                () ->
                        rig.heard.problems().stream()
                                        .filter(p -> p.code() == Code.BROKER_REFUSED)
                                        .count()
                                >= 3);
        assertThat(rig.heard.events()).doesNotContain("revoked");
    }

    @Test
    void refusal_ofTheBrokerWhileTheCoordinatorIsAway_isTriedAgain() {
        rig.artifacts.close();
        broker.refuse(DEVICE.value());
        broker.cut(DEVICE.value());
        coordinator.await("a refusal", () -> rig.heard.hasProblem(Code.BROKER_REFUSED));
        assertThat(rig.heard.events()).doesNotContain("revoked");
    }

    @Test
    void device_thatIsRevoked_keepsItsModelAndItsLedger() throws Exception {
        List<EncodedPart> parts = EdgeRig.batch(ROUND, 8);
        coordinator.publishBatch(TASK, ROUND, parts);
        coordinator.announce(rig.scoring(ROUND, parts));
        coordinator.await("the receipt", () -> rig.heard.has("receipted 1 scores accepted"));
        coordinator.send(DEVICE, REVOKE);
        awaitRevoked();
        assertThat(client.classify("mood", "a lovely working thing").label()).isEqualTo("good");
        client.close();
        client = rig.client(broker, BROKER).build();
        assertThat(client.ledger()).hasSize(1);
        assertThat(client.classify("mood", "a lovely working thing").label()).isEqualTo("good");
    }
}
