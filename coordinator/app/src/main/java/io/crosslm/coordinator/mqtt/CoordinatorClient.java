package io.crosslm.coordinator.mqtt;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult;
import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.device.Secret;
import io.crosslm.coordinator.tls.ServerIdentity;
import io.crosslm.protocol.ContentTypes;
import io.crosslm.protocol.Limits;
import io.crosslm.protocol.topic.Topic;
import io.crosslm.protocol.topic.Topics;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import javax.net.ssl.TrustManagerFactory;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The coordinator's own MQTT connection. It connects again by itself, subscribes again and sends
 * again what the broker had not acknowledged. Thread-safe.
 */
final class CoordinatorClient implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(CoordinatorClient.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final Duration MAX_RECONNECT_DELAY = Duration.ofSeconds(5);
    private static final int KEEP_ALIVE_SECONDS = 30;
    private static final int SESSION_EXPIRY_SECONDS = 3_600;

    /** Messages that may wait for the inbox; the broker keeps the others. */
    private static final int RECEIVE_MAXIMUM = 1_000;

    private final Mqtt5AsyncClient client;
    private final Mqtt5Publish farewell;

    private CoordinatorClient(Mqtt5AsyncClient client, Mqtt5Publish farewell) {
        this.client = client;
        this.farewell = farewell;
    }

    /**
     * Where the broker is.
     *
     * @param identity of an encrypted broker, which is trusted alone
     */
    record Address(String host, int port, Optional<ServerIdentity> identity) {}

    /**
     * Where and who.
     *
     * @param greeting published at each connect
     * @param farewell the will, also published at close
     */
    record Account(Address address, Secret secret, Mqtt5Publish greeting, Mqtt5Publish farewell) {}

    /**
     * Connects, subscribes to what devices publish, and waits until the broker has agreed.
     *
     * @param inbox gets each message and must acknowledge it; called on a network thread
     */
    static CoordinatorClient connect(Account account, Topics topics, Consumer<Mqtt5Publish> inbox) {
        AtomicReference<@Nullable Mqtt5AsyncClient> self = new AtomicReference<>();
        Mqtt5AsyncClient client =
                MqttClient.builder()
                        .useMqttVersion5()
                        .identifier(BrokerGate.COORDINATOR)
                        .serverHost(account.address().host())
                        .serverPort(account.address().port())
                        .sslConfig(sslConfig(account.address()))
                        .executorConfig()
                        .nettyThreads(1)
                        .applyExecutorConfig()
                        .automaticReconnect()
                        .initialDelay(100, TimeUnit.MILLISECONDS)
                        .maxDelay(MAX_RECONNECT_DELAY.toMillis(), TimeUnit.MILLISECONDS)
                        .applyAutomaticReconnect()
                        .simpleAuth()
                        .username(BrokerGate.COORDINATOR)
                        .password(account.secret().reveal().getBytes(StandardCharsets.UTF_8))
                        .applySimpleAuth()
                        .willPublish(account.farewell())
                        .addConnectedListener(context -> greet(self.get(), account.greeting()))
                        .addDisconnectedListener(
                                context -> {
                                    context.getReconnector()
                                            .resubscribeIfSessionExpired(true)
                                            .republishIfSessionExpired(true);
                                    LOG.debugf("Disconnected from the broker");
                                })
                        .buildAsync();
        self.set(client);
        client.publishes(MqttGlobalPublishFilter.ALL, inbox, true);
        await(
                client.connectWith()
                        .cleanStart(true)
                        .keepAlive(KEEP_ALIVE_SECONDS)
                        .sessionExpiryInterval(SESSION_EXPIRY_SECONDS)
                        .restrictions()
                        .receiveMaximum(RECEIVE_MAXIMUM)
                        .maximumPacketSize(Limits.MAX_PACKET_BYTES)
                        .applyRestrictions()
                        .send());
        for (String filter :
                List.of(topics.deviceStateFilter(), topics.reportFilter(), topics.errorFilter())) {
            await(client.subscribeWith().topicFilter(filter).qos(MqttQos.AT_LEAST_ONCE).send());
        }
        return new CoordinatorClient(client, account.farewell());
    }

    boolean isConnected() {
        return client.getState().isConnected();
    }

    /** A retained message; an empty payload takes the retained one away. */
    static Mqtt5Publish retained(Topic topic, byte[] payload, String contentType) {
        return Mqtt5Publish.builder()
                .topic(topic.name())
                .qos(MqttQos.AT_LEAST_ONCE)
                .retain(true)
                .contentType(contentType)
                .payload(payload)
                .build();
    }

    /** The same message with an end: the broker forgets it then. */
    static Mqtt5Publish expiring(Mqtt5Publish message, Duration life) {
        return message.extend().messageExpiryInterval(Math.max(1, life.toSeconds())).build();
    }

    /** A message to who listens now. */
    static Mqtt5Publish direct(Topic topic, byte[] payload) {
        return retained(topic, payload, ContentTypes.MESSAGE).extend().retain(false).build();
    }

    /** Publishes and returns when the broker has the messages. */
    void publish(List<Mqtt5Publish> messages) {
        List<CompletableFuture<Mqtt5PublishResult>> sent =
                messages.stream().map(client::publish).toList();
        sent.forEach(CoordinatorClient::await);
    }

    /** Publishes without waiting; a failure is logged. */
    void send(Mqtt5Publish message) {
        client.publish(message)
                .whenComplete(
                        (result, failure) -> {
                            if (failure != null) {
                                LOG.warnf(
                                        "The broker did not take a message: %s",
                                        failure.getMessage());
                            }
                        });
    }

    @Override
    public void close() {
        try {
            publish(List.of(farewell));
            await(client.disconnect());
        } catch (CoordinatorException e) {
            LOG.debugf("The broker was away at the end: %s", e.getMessage());
        }
    }

    private static @Nullable MqttClientSslConfig sslConfig(Address address) {
        return address.identity()
                .map(
                        identity ->
                                MqttClientSslConfig.builder()
                                        .trustManagerFactory(trust(identity))
                                        // The certificate itself is known: its names do not count.
                                        .hostnameVerifier((host, session) -> true)
                                        .build())
                .orElse(null);
    }

    private static TrustManagerFactory trust(ServerIdentity identity) {
        try {
            TrustManagerFactory factory =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(identity.selfTrustStore());
            return factory;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This JDK does not take its own key store", e);
        }
    }

    private static void greet(@Nullable Mqtt5AsyncClient client, Mqtt5Publish greeting) {
        if (client != null) {
            client.publish(greeting)
                    .exceptionally(
                            failure -> {
                                LOG.warnf(
                                        "The broker did not take the coordinator's state: %s",
                                        failure);
                                return null;
                            });
        }
    }

    private static <T> T await(CompletableFuture<T> answer) {
        try {
            return answer.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw away(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw away(e);
        }
    }

    private static CoordinatorException away(Exception cause) {
        return new CoordinatorException(
                Code.BROKER_AWAY,
                "the broker did not answer within "
                        + TIMEOUT.toSeconds()
                        + " seconds or refused; the coordinator keeps trying to reach it",
                cause);
    }
}
