package io.crosslm.coordinator.mqtt;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.lifecycle.MqttClientConnectedContext;
import com.hivemq.client.mqtt.lifecycle.MqttClientDisconnectedContext;
import com.hivemq.client.mqtt.lifecycle.MqttDisconnectSource;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.lifecycle.Mqtt5ClientConnectedContext;
import com.hivemq.client.mqtt.mqtt5.message.auth.Mqtt5SimpleAuth;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAck;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult;
import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.protocol.Limits;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.TrustManagerFactory;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A connection to the broker that is there again by itself: it tries with a back-off until closed,
 * subscribes anew where the broker has forgotten it, and knows why it is not there. Thread-safe.
 */
final class BrokerConnection implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(BrokerConnection.class);

    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final long FIRST_DELAY_MILLIS = 100;
    private static final long MAX_DELAY_MILLIS = 5_000;
    private static final int CONNECT_SECONDS = 30;
    private static final int KEEP_ALIVE_SECONDS = 30;
    private static final int SESSION_EXPIRY_SECONDS = 3_600;

    /** Messages that may wait for the listener; the broker keeps the others. */
    private static final int RECEIVE_MAXIMUM = 1_000;

    private final BrokerAccount account;
    private final Purpose purpose;
    private final Listener listener;
    private final Mqtt5AsyncClient client;
    private volatile CompletableFuture<Void> up = new CompletableFuture<>();
    private volatile @Nullable CoordinatorException problem;
    private volatile boolean subscribed;
    private volatile boolean closed;

    private BrokerConnection(BrokerAccount account, Purpose purpose, Listener listener) {
        this.account = account;
        this.purpose = purpose;
        this.listener = listener;
        this.client = build();
    }

    /**
     * What the connection is for.
     *
     * @param filters what it reads
     * @param will published by the broker when the connection breaks
     * @param rights what its account must be allowed, as an instruction
     */
    record Purpose(
            String clientId, List<String> filters, Optional<Mqtt5Publish> will, String rights) {}

    /** Hears of the connection, on a network thread that it must not hold up. */
    interface Listener {
        /** The connection stands and its subscriptions too. */
        void connected(Memory memory);

        /** A message came; the listener acknowledges it. */
        void received(Mqtt5Publish message);
    }

    /** What the broker knows of the connection before. */
    enum Memory {
        /** All of it: nothing is lost. */
        KEPT,
        /** Nothing: what was published or retained may be gone. */
        LOST
    }

    /** Begins to connect. */
    static BrokerConnection open(BrokerAccount account, Purpose purpose, Listener listener) {
        BrokerConnection connection = new BrokerConnection(account, purpose, listener);
        connection.connect();
        return connection;
    }

    boolean isUp() {
        return up.isDone() && client.getState().isConnected();
    }

    /** Why the connection is not there, if that is so. */
    Optional<CoordinatorException> problem() {
        return Optional.ofNullable(problem);
    }

    /**
     * Waits for the connection.
     *
     * @throws CoordinatorException BROKER_AWAY
     */
    void awaitUp(Duration patience) {
        await(up, patience);
    }

    /** Hands a message over; the answer comes when the broker has it, or never will. */
    CompletableFuture<Mqtt5PublishResult> publish(Mqtt5Publish message) {
        return client.publish(message);
    }

    /**
     * Waits for what the broker answers.
     *
     * @throws CoordinatorException BROKER_AWAY
     */
    <T> T await(CompletableFuture<T> answer) {
        return await(answer, TIMEOUT);
    }

    /** Says good-bye where the broker is there; the will is not published then. */
    @Override
    public void close() {
        closed = true;
        if (isUp()) {
            try {
                await(client.disconnect());
            } catch (CoordinatorException e) {
                LOG.debugf("The broker was away at the end: %s", e.getMessage());
            }
        } else {
            disconnectQuietly();
        }
    }

    private Mqtt5AsyncClient build() {
        return MqttClient.builder()
                .useMqttVersion5()
                .identifier(purpose.clientId())
                .transportConfig()
                .serverHost(account.host())
                .serverPort(account.port())
                .sslConfig(account.trust().map(BrokerConnection::sslConfig).orElse(null))
                .socketConnectTimeout(CONNECT_SECONDS, TimeUnit.SECONDS)
                .mqttConnectTimeout(CONNECT_SECONDS, TimeUnit.SECONDS)
                .applyTransportConfig()
                .executorConfig()
                .nettyThreads(1)
                .applyExecutorConfig()
                .simpleAuth(account.credential().map(BrokerConnection::simpleAuth).orElse(null))
                .willPublish(purpose.will().orElse(null))
                .addConnectedListener(this::connected)
                .addDisconnectedListener(this::disconnected)
                .buildAsync();
    }

    private static Mqtt5SimpleAuth simpleAuth(BrokerAccount.Credential credential) {
        return Mqtt5SimpleAuth.builder()
                .username(credential.username())
                .password(credential.password().reveal().getBytes(StandardCharsets.UTF_8))
                .build();
    }

    private void connect() {
        client.publishes(MqttGlobalPublishFilter.ALL, listener::received, true);
        client.connectWith()
                .cleanStart(true)
                .keepAlive(KEEP_ALIVE_SECONDS)
                .sessionExpiryInterval(SESSION_EXPIRY_SECONDS)
                .restrictions()
                .receiveMaximum(RECEIVE_MAXIMUM)
                .maximumPacketSize(Limits.MAX_PACKET_BYTES)
                .applyRestrictions()
                .send()
                .exceptionally(
                        failure -> {
                            LOG.debugf("Connecting ended: %s", failure);
                            return null;
                        });
    }

    private void connected(MqttClientConnectedContext context) {
        Mqtt5ConnAck answer = ((Mqtt5ClientConnectedContext) context).getConnAck();
        if (closed) {
            disconnectQuietly();
            return;
        }
        Optional<CoordinatorException> lack =
                new ConnectionTrouble(account.place(), purpose.rights())
                        .lack(answer.getRestrictions());
        if (lack.isPresent()) {
            leave(lack.get());
            return;
        }
        if (answer.isSessionPresent() && subscribed) {
            standing(Memory.KEPT);
            return;
        }
        subscribed = false;
        subscribe()
                .whenComplete(
                        (done, failure) -> {
                            if (failure == null) {
                                subscribed = true;
                                standing(Memory.LOST);
                            } else {
                                leave(trouble(failure));
                            }
                        });
    }

    private CompletableFuture<?> subscribe() {
        return CompletableFuture.allOf(
                purpose.filters().stream()
                        .map(
                                filter ->
                                        client.subscribeWith()
                                                .topicFilter(filter)
                                                .qos(MqttQos.AT_LEAST_ONCE)
                                                .send())
                        .toArray(CompletableFuture[]::new));
    }

    private void standing(Memory memory) {
        if (problem != null) {
            LOG.infof("The broker at %s is there", account.place());
        }
        problem = null;
        up.complete(null);
        listener.connected(memory);
    }

    /** Goes, to try again: the broker may be set right meanwhile. */
    private void leave(CoordinatorException reason) {
        note(reason);
        disconnectQuietly();
    }

    private void disconnectQuietly() {
        client.disconnect()
                .exceptionally(
                        failure -> {
                            LOG.debugf("There was no connection to end: %s", failure);
                            return null;
                        });
    }

    private void disconnected(MqttClientDisconnectedContext context) {
        if (up.isDone()) {
            up = new CompletableFuture<>();
        }
        if (closed) {
            return;
        }
        if (context.getSource() != MqttDisconnectSource.USER) {
            note(trouble(context.getCause()));
        }
        int doublings = Math.min(context.getReconnector().getAttempts(), 10);
        long longest = Math.min(MAX_DELAY_MILLIS, FIRST_DELAY_MILLIS << doublings);
        long delay =
                context.getSource() == MqttDisconnectSource.USER
                        ? MAX_DELAY_MILLIS
                        : longest / 2 + ThreadLocalRandom.current().nextLong(longest / 2 + 1);
        context.getReconnector()
                .reconnect(true)
                // Without it the client takes its listener for unsubscribed, and it hears no more.
                .resubscribeIfSessionExpired(true)
                .republishIfSessionExpired(true)
                .delay(delay, TimeUnit.MILLISECONDS);
    }

    private CoordinatorException trouble(Throwable failure) {
        return new ConnectionTrouble(account.place(), purpose.rights()).of(failure);
    }

    /** Says once what is wrong, until that changes. */
    private void note(CoordinatorException reason) {
        CoordinatorException before = problem;
        problem = reason;
        if (before == null || !before.detail().equals(reason.detail())) {
            LOG.warn(reason.getMessage());
            LOG.debug("Why the broker cannot be used", reason);
        }
    }

    private static MqttClientSslConfig sslConfig(BrokerAccount.Trust trust) {
        var config = MqttClientSslConfig.builder().trustManagerFactory(factory(trust));
        return trust.nameCheck() == BrokerAccount.NameCheck.NONE
                ? config.hostnameVerifier((host, session) -> true).build()
                : config.build();
    }

    private static TrustManagerFactory factory(BrokerAccount.Trust trust) {
        try {
            TrustManagerFactory factory =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(trust.authorities());
            return factory;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This JDK does not take its own key store", e);
        }
    }

    private <T> T await(CompletableFuture<T> answer, Duration patience) {
        try {
            return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw away(patience, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw away(patience, e);
        }
    }

    private CoordinatorException away(Duration patience, Exception cause) {
        return new CoordinatorException(
                Code.BROKER_AWAY,
                problem()
                        .map(CoordinatorException::getMessage)
                        .orElse(
                                "the broker did not answer within "
                                        + patience.toSeconds()
                                        + " seconds or refused; the coordinator keeps trying to"
                                        + " reach it"),
                cause);
    }
}
