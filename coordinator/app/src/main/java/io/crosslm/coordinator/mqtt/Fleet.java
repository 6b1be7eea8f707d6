package io.crosslm.coordinator.mqtt;

import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.config.CoordinatorConfig;
import io.crosslm.coordinator.device.DeviceRegistry;
import io.crosslm.coordinator.device.OnlineDevices;
import io.crosslm.coordinator.device.Secret;
import io.crosslm.coordinator.round.FleetLink;
import io.crosslm.coordinator.round.ReportReceiver;
import io.crosslm.coordinator.tls.Encryption;
import io.crosslm.protocol.ContentTypes;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.TaskName;
import io.crosslm.protocol.TenantId;
import io.crosslm.protocol.topic.Topic;
import io.crosslm.protocol.topic.Topics;
import io.crosslm.protocol.wire.Announcement;
import io.crosslm.protocol.wire.CancelRound;
import io.crosslm.protocol.wire.Command;
import io.crosslm.protocol.wire.CoordinatorState;
import io.crosslm.protocol.wire.Receipt;
import io.crosslm.protocol.wire.Revoke;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The devices as the coordinator reaches them: owner of the broker, of the coordinator's connection
 * to it and of the inbox. Thread-safe once started.
 */
@ApplicationScoped
public final class Fleet implements FleetLink {
    private static final byte[] NOTHING = {};

    /** A device that obeys has gone long before; the wait is for a slow one to hear of it. */
    private static final long REVOCATION_MILLIS = 5_000;

    private final CoordinatorConfig config;
    private final Encryption encryption;
    private final MeterRegistry meters;
    private final ReportReceiver receiver;
    private final SecureRandom random;
    private final Clock clock;
    private final Topics topics = Topics.of(TenantId.DEFAULT);
    private volatile @Nullable Running running;

    Fleet(
            CoordinatorConfig config,
            Encryption encryption,
            MeterRegistry meters,
            ReportReceiver receiver,
            SecureRandom random,
            Clock clock) {
        this.config = config;
        this.encryption = encryption;
        this.meters = meters;
        this.receiver = receiver;
        this.random = random;
        this.clock = clock;
    }

    /** All that {@link #start} makes. */
    private record Running(
            EmbeddedBroker broker,
            BrokerGate gate,
            CoordinatorClient client,
            ReportInbox inbox,
            long epoch) {}

    /**
     * Starts the broker and connects to it. What devices send waits until {@link #open}.
     *
     * @param epoch higher than at any start before
     */
    public void start(DeviceRegistry registry, OnlineDevices online, long epoch) {
        Secret secret = Secret.random(random);
        BrokerGate gate = new BrokerGate(registry, secret);
        EmbeddedBroker broker =
                EmbeddedBroker.start(
                        config.dataDir().resolve("broker"),
                        new BrokerListener(
                                config.mqtt().host(), config.mqtt().port(), encryption.identity()),
                        gate);
        ReportInbox inbox =
                new ReportInbox(
                        new ReportInbox.Sources(
                                registry, online, receiver, device -> isConnected(gate, device)),
                        (device, command) -> client().send(command(device, command)),
                        meters,
                        clock);
        meters.gauge("crosslm.devices.online", online, OnlineDevices::count);
        CoordinatorClient client =
                CoordinatorClient.connect(
                        new CoordinatorClient.Account(
                                new CoordinatorClient.Address(
                                        connectHost(), broker.port(), encryption.identity()),
                                secret,
                                state(true, epoch),
                                state(false, epoch)),
                        topics,
                        inbox::accept);
        running = new Running(broker, gate, client, inbox, epoch);
    }

    /** Takes what devices have sent and send from now on. */
    public void open() {
        running().inbox().open();
    }

    /** Ends everything, in reverse order. */
    public void stop() {
        Running now = running;
        if (now != null) {
            now.inbox().close();
            running = null;
            now.client().close();
            now.broker().close();
        }
    }

    /** The port that the broker listens on. */
    public int port() {
        return running().broker().port();
    }

    /** Whether the broker runs. */
    public boolean isRunning() {
        return running != null;
    }

    /** Whether the coordinator's own connection to the broker stands. */
    public boolean isConnected() {
        Running now = running;
        return now != null && now.client().isConnected();
    }

    /**
     * Tells a device that its credential has ended. A device that hears it ends the connection
     * itself; if it has not after a grace, the broker does. Not at once: what the broker has taken
     * for a device is lost with the connection. What the device publishes in the grace is refused.
     */
    public void revoke(DeviceId device, String reason) {
        Running now = running();
        Command command =
                Command.newBuilder().setRevoke(Revoke.newBuilder().setReason(reason)).build();
        now.client().publish(List.of(command(device, command)));
        CompletableFuture.delayedExecutor(REVOCATION_MILLIS, TimeUnit.MILLISECONDS)
                .execute(
                        () -> {
                            if (running == now) {
                                now.gate().disconnect(device);
                                now.client().send(cleared(topics.deviceState(device)));
                            }
                        });
    }

    @Override
    public void announce(Announcement announcement) {
        Running now = running();
        Announcement stamped = announcement.toBuilder().setEpoch(now.epoch()).build();
        // No expiry: the device reads the deadline and drops what has passed.
        now.client()
                .publish(
                        List.of(
                                CoordinatorClient.retained(
                                        topics.announcement(new TaskName(announcement.getTask())),
                                        stamped.toByteArray(),
                                        ContentTypes.MESSAGE)));
    }

    @Override
    public void clearAnnouncement(String task) {
        client().publish(List.of(cleared(topics.announcement(new TaskName(task)))));
    }

    @Override
    public void publishBatchPart(String task, int round, int part, byte[] gzip, Instant deadline) {
        publishPart(
                topics.batchPart(new TaskName(task), new RoundNumber(round), part), gzip, deadline);
    }

    @Override
    public void publishPoolPart(String task, int round, int part, byte[] gzip, Instant deadline) {
        publishPart(
                topics.poolPart(new TaskName(task), new RoundNumber(round), part), gzip, deadline);
    }

    @Override
    public void clearParts(String task, int round, int batchParts, int poolParts) {
        TaskName name = new TaskName(task);
        RoundNumber number = new RoundNumber(round);
        List<Mqtt5Publish> clearings = new ArrayList<>();
        for (int part = 0; part < batchParts; part++) {
            clearings.add(cleared(topics.batchPart(name, number, part)));
        }
        for (int part = 0; part < poolParts; part++) {
            clearings.add(cleared(topics.poolPart(name, number, part)));
        }
        client().publish(clearings);
    }

    @Override
    public void sendReceipt(String deviceId, Receipt receipt) {
        Command command = Command.newBuilder().setReceipt(receipt).build();
        client().publish(List.of(command(new DeviceId(deviceId), command)));
    }

    @Override
    public void cancelRound(String deviceId, String task, int round, String reason) {
        CancelRound cancel =
                CancelRound.newBuilder().setTask(task).setRound(round).setReason(reason).build();
        Command command = Command.newBuilder().setCancelRound(cancel).build();
        client().publish(List.of(command(new DeviceId(deviceId), command)));
    }

    private void publishPart(Topic topic, byte[] gzip, Instant deadline) {
        Mqtt5Publish message = CoordinatorClient.retained(topic, gzip, ContentTypes.PART);
        Duration life = Duration.between(clock.instant(), deadline);
        client().publish(List.of(CoordinatorClient.expiring(message, life)));
    }

    private Mqtt5Publish command(DeviceId device, Command command) {
        return CoordinatorClient.direct(topics.command(device), command.toByteArray());
    }

    private static Mqtt5Publish cleared(Topic topic) {
        return CoordinatorClient.retained(topic, NOTHING, ContentTypes.MESSAGE);
    }

    private Mqtt5Publish state(boolean online, long epoch) {
        CoordinatorState state =
                CoordinatorState.newBuilder().setOnline(online).setEpoch(epoch).build();
        return CoordinatorClient.retained(
                topics.coordinatorState(), state.toByteArray(), ContentTypes.MESSAGE);
    }

    private CoordinatorClient client() {
        return running().client();
    }

    private Running running() {
        Running now = running;
        if (now == null) {
            throw new CoordinatorException(
                    Code.NOT_READY,
                    "the broker is not running; the service is starting or stopping");
        }
        return now;
    }

    /** An address to listen on need not be one to connect to. */
    private String connectHost() {
        String host = config.mqtt().host();
        return host.equals("0.0.0.0") || host.equals("::") ? "127.0.0.1" : host;
    }

    private static boolean isConnected(BrokerGate gate, DeviceId device) {
        try {
            return gate.isConnected(device).get(5, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            // The broker is busy or going down: the device will be seen at its next birth.
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
