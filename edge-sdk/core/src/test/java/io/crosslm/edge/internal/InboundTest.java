package io.crosslm.edge.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crosslm.edge.DeviceIdentity;
import io.crosslm.edge.EdgeListener;
import io.crosslm.edge.link.ReceivedMessage;
import io.crosslm.edge.store.Ledger;
import io.crosslm.edge.store.StorageDirectory;
import io.crosslm.edge.tls.ServerTrust;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.TaskName;
import io.crosslm.protocol.TenantId;
import io.crosslm.protocol.topic.Topic;
import io.crosslm.protocol.topic.Topics;
import io.crosslm.protocol.wire.Announcement;
import io.crosslm.protocol.wire.CoordinatorState;
import io.crosslm.protocol.wire.Step;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rounds that were known before a connection. */
final class InboundTest {
    private static final TaskName TASK = new TaskName("mood");
    private static final Topics TOPICS = Topics.of(TenantId.DEFAULT);
    private static final URI COORDINATOR = URI.create("http://127.0.0.1:8080");

    @TempDir private Path directory;
    private StorageDirectory storage;
    private Ledger ledger;
    private TaskInbox inbox;
    private Inbound inbound;

    @BeforeEach
    void open() throws IOException {
        storage = StorageDirectory.open(directory);
        ledger = Ledger.open(storage.ledger(), Clock.systemUTC());
        inbox = new TaskInbox(TASK, storage.task(TASK.value()));
        EdgeListener listener = EdgeListener.noop();
        DeviceIdentity identity =
                new DeviceIdentity(
                        new DeviceId("silo-1"),
                        "token",
                        TenantId.DEFAULT,
                        URI.create("tcp://127.0.0.1:1883"),
                        COORDINATOR);
        ServerTrust trust = ServerTrust.loopbackOnly();
        DeviceContext device =
                new DeviceContext(
                        identity,
                        trust,
                        storage,
                        ledger,
                        new Outbox(ledger, new Random(1), listener, () -> {}),
                        listener,
                        new TrainingAllowance(null, null),
                        Clock.systemUTC());
        inbound =
                new Inbound(
                        Map.of(TASK, inbox),
                        device,
                        new Revocation(trust, COORDINATOR, "token", listener, () -> {}),
                        new Signal());
        announce(1);
        inbound.connected(task -> true);
    }

    @AfterEach
    void close() throws IOException {
        ledger.close();
        storage.close();
    }

    @Test
    void roundNotAnnounced_whileTheCoordinatorIsThere_isMissed() throws IOException {
        coordinatorIs(true);
        assertThat(inbound.missesAnnouncements()).isTrue();
        inbound.shelveUnannounced();
        assertThat(inbound.missesAnnouncements()).isFalse();
        assertThat(inbox.announcement()).isNull();
    }

    /** It may be at its start, or its broker may have lost what it retained. */
    @Test
    void roundNotAnnounced_withoutTheCoordinator_isNotMissed() throws IOException {
        assertThat(inbound.missesAnnouncements()).isFalse();
        coordinatorIs(false);
        assertThat(inbound.missesAnnouncements()).isFalse();
    }

    @Test
    void roundNotAnnounced_whereTheBrokerRefusedTheSubscription_isNotMissed() throws IOException {
        inbound.connected(task -> false);
        coordinatorIs(true);
        assertThat(inbound.missesAnnouncements()).isFalse();
    }

    @Test
    void round_thatIsAnnouncedAgain_isNotMissed() throws IOException {
        coordinatorIs(true);
        announce(1);
        assertThat(inbound.missesAnnouncements()).isFalse();
        inbound.shelveUnannounced();
        assertThat(inbox.announcement()).isNotNull();
    }

    /** A later version's, perhaps: the task has a round, whatever it is. */
    @Test
    void announcement_thatCannotBeRead_isNoSilence() throws IOException {
        coordinatorIs(true);
        take(TOPICS.announcement(TASK), ByteString.copyFromUtf8("?"));
        assertThat(inbound.missesAnnouncements()).isFalse();
    }

    private void announce(long sequence) throws IOException {
        take(
                TOPICS.announcement(TASK),
                Announcement.newBuilder()
                        .setTask(TASK.value())
                        .setRound(1)
                        .setEpoch(1)
                        .setSequence(sequence)
                        .setStep(Step.STEP_TUNING)
                        .addLabels("bad")
                        .addLabels("good")
                        .build()
                        .toByteString());
    }

    private void coordinatorIs(boolean online) throws IOException {
        take(
                TOPICS.coordinatorState(),
                CoordinatorState.newBuilder().setEpoch(1).setOnline(online).build().toByteString());
    }

    private void take(Topic topic, ByteString payload) throws IOException {
        inbound.take(new ReceivedMessage(topic.name(), payload, 1));
    }
}
