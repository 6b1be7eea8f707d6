package io.crosslm.coordinator.mqtt;

import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.config.CoordinatorConfig;
import io.crosslm.coordinator.config.Endpoints;
import io.crosslm.coordinator.device.DeviceRegistry;
import io.crosslm.coordinator.device.Enrolment;
import io.crosslm.coordinator.device.OnlineDevices;
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
import jakarta.enterprise.inject.Instance;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The devices as the coordinator reaches them: owner of the broker, of the coordinator's connection
 * to it and of the inbox. Thread-safe once started.
 */
@ApplicationScoped
public final class Fleet implements FleetLink {
    private static final Logger LOG = Logger.getLogger(Fleet.class);

    private static final byte[] NOTHING = {};

    /** A device that obeys has gone long before; the wait is for a slow one to hear of it. */
    private static final long REVOCATION_MILLIS = 5_000;

    /** The embedded broker is there when it has started; its first answer may take a while. */
    private static final Duration FIRST_CONNECTION = Duration.ofSeconds(30);

    /** A device answers at once, unless it is just connecting. */
    private static final Duration ROLL_CALL = Duration.ofSeconds(30);

    private final CoordinatorConfig config;
    private final Endpoints endpoints;
    private final Encryption encryption;
    private final Instance<BrokerInProcess> inProcess;
    private final MeterRegistry meters;
    private final ReportReceiver receiver;
    private final Clock clock;
    private final Topics topics = Topics.of(TenantId.DEFAULT);
    private volatile @Nullable Running running;

    Fleet(
            CoordinatorConfig config,
            Endpoints endpoints,
            Encryption encryption,
            Instance<BrokerInProcess> inProcess,
            MeterRegistry meters,
            ReportReceiver receiver,
            Clock clock) {
        this.config = config;
        this.endpoints = endpoints;
        this.encryption = encryption;
        this.inProcess = inProcess;
        this.meters = meters;
        this.receiver = receiver;
        this.clock = clock;
    }

    /**
     * All that {@link #start} makes.
     *
     * @param client nothing until the broker lets the coordinator in
     */
    private record Running(
            Broker broker,
            AtomicReference<@Nullable CoordinatorClient> client,
            ReportInbox inbox,
            long epoch) {}

    /**
     * Starts the broker, or begins to connect to another one. What devices send waits until {@link
     * #open}.
     *
     * @param epoch higher than at any start before
     */
    public void start(DeviceRegistry registry, OnlineDevices online, long epoch) {
        Broker broker =
                endpoints
                        .broker()
                        .<Broker>map(
                                uri -> ExternalBroker.of(uri, config.mqtt(), encryption, registry))
                        .orElseGet(() -> embedded(registry));
        RollCall rollCall = new RollCall(online, this::command, ROLL_CALL);
        ReportInbox inbox =
                new ReportInbox(
                        new ReportInbox.Sources(
                                registry, online, receiver, broker.access()::contact, rollCall),
                        this::command,
                        meters,
                        clock);
        meters.gauge("crosslm.devices.online", online, OnlineDevices::count);
        Running now = new Running(broker, new AtomicReference<>(), inbox, epoch);
        running = now;
        encryption.whenRenewed(broker::renew);
        broker.access().open(() -> connect(now, rollCall));
        CoordinatorClient client = now.client().get();
        if (endpoints.broker().isEmpty() && client != null) {
            client.awaitConnected(FIRST_CONNECTION);
        }
    }

    private Broker embedded(DeviceRegistry registry) {
        if (config.mqtt().access() != CoordinatorConfig.MqttAccess.OPERATOR
                || config.mqtt().username().isPresent()) {
            throw new CoordinatorException(
                    Code.BAD_SETTING,
                    "crosslm.mqtt.broker: expected the address of a broker beside"
                            + " crosslm.mqtt.access or crosslm.mqtt.username, but it is embedded");
        }
        if (inProcess.isUnsatisfied()) {
            throw new CoordinatorException(
                    Code.BAD_SETTING,
                    "crosslm.mqtt.broker: expected the address of a broker, because this program"
                            + " was built without the embedded one; set it to"
                            + " mqtts://host:port or mqtt://host:port");
        }
        return inProcess
                .get()
                .start(
                        config.dataDir().resolve("broker"),
                        new BrokerListener(config.mqtt().host(), config.mqtt().port(), certified()),
                        registry);
    }

    private Optional<BrokerListener.Certified> certified() {
        return encryption
                .identity()
                .map(
                        identity ->
                                new BrokerListener.Certified(
                                        identity, encryption.selfTrustStore().orElseThrow()));
    }

    private void connect(Running now, RollCall rollCall) {
        now.client()
                .set(
                        CoordinatorClient.open(
                                now.broker().account(),
                                new CoordinatorClient.Greeting(
                                        state(true, now.epoch()), state(false, now.epoch())),
                                topics,
                                new CoordinatorClient.Inbox(
                                        now.inbox()::accept,
                                        memory -> {
                                            if (memory == BrokerConnection.Memory.LOST) {
                                                rollCall.askAll();
                                            }
                                        })));
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
            CoordinatorClient client = now.client().get();
            if (client != null) {
                client.close();
            }
            now.broker().close();
        }
    }

    /** The port that the broker listens on. */
    public int port() {
        return running().broker().account().port();
    }

    /** Whether the coordinator's own connection to the broker stands. */
    public boolean isConnected() {
        Running now = running;
        CoordinatorClient client = now == null ? null : now.client().get();
        return client != null && client.isConnected();
    }

    /** What is wrong with the broker, if something is. */
    public Optional<CoordinatorException> problem() {
        Running now = running;
        if (now == null) {
            return Optional.empty();
        }
        CoordinatorClient client = now.client().get();
        return now.broker()
                .access()
                .problem()
                .or(() -> client == null ? Optional.empty() : client.problem());
    }

    /**
     * Fails where a device that enrols now would not be let in by the broker.
     *
     * @throws CoordinatorException BROKER_AWAY or NOT_READY
     */
    public void checkOpen() {
        running().broker().access().checkOpen();
    }

    /** Makes the broker let a device in that has just enrolled. */
    public void admit(Enrolment enrolment) {
        running().broker().access().admit(enrolment);
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
        try {
            client().publish(List.of(message(device, command)));
        } catch (CoordinatorException e) {
            LOG.infof("Device %s will hear of its revocation later: %s", device, e.getMessage());
        }
        CompletableFuture.delayedExecutor(REVOCATION_MILLIS, TimeUnit.MILLISECONDS)
                .execute(
                        () -> {
                            if (running == now) {
                                now.broker().access().revoke(device);
                                sendIfConnecting(cleared(topics.deviceState(device)));
                            }
                        });
    }

    @Override
    public void announce(Announcement announcement) {
        Announcement stamped = announcement.toBuilder().setEpoch(running().epoch()).build();
        // No expiry: the device reads the deadline and drops what has passed.
        client().publish(
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
        client().publish(List.of(message(new DeviceId(deviceId), command)));
    }

    @Override
    public void cancelRound(String deviceId, String task, int round, String reason) {
        CancelRound cancel =
                CancelRound.newBuilder().setTask(task).setRound(round).setReason(reason).build();
        Command command = Command.newBuilder().setCancelRound(cancel).build();
        client().publish(List.of(message(new DeviceId(deviceId), command)));
    }

    private void publishPart(Topic topic, byte[] gzip, Instant deadline) {
        Mqtt5Publish message = CoordinatorClient.retained(topic, gzip, ContentTypes.PART);
        Duration life = Duration.between(clock.instant(), deadline);
        client().publish(List.of(CoordinatorClient.expiring(message, life)));
    }

    private void command(DeviceId device, Command command) {
        sendIfConnecting(message(device, command));
    }

    private void sendIfConnecting(Mqtt5Publish message) {
        Running now = running;
        CoordinatorClient client = now == null ? null : now.client().get();
        if (client != null) {
            client.send(message);
        }
    }

    private Mqtt5Publish message(DeviceId device, Command command) {
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
        Running now = running();
        CoordinatorClient client = now.client().get();
        if (client == null) {
            throw new CoordinatorException(
                    Code.BROKER_AWAY,
                    now.broker()
                            .access()
                            .problem()
                            .map(CoordinatorException::getMessage)
                            .orElse("the broker is being made ready; the coordinator waits"));
        }
        return client;
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
}
