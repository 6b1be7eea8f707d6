package io.crosslm.coordinator.mqtt;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult;
import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.mqtt.BrokerConnection.Memory;
import io.crosslm.protocol.ContentTypes;
import io.crosslm.protocol.topic.Topic;
import io.crosslm.protocol.topic.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * What the coordinator says to devices and hears of them. After a broken connection it sends again
 * what the broker had not acknowledged; to a broker that has lost its memory, also what it retained
 * of the coordinator. Thread-safe.
 */
final class CoordinatorClient implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(CoordinatorClient.class);

    /** Client id of the coordinator; the point keeps it apart from every device id. */
    static final String ID = "coordinator.internal";

    /** A broken connection is mostly there again before a round has to wait. */
    private static final Duration RECONNECT_TIME = Duration.ofSeconds(3);

    /** Answers to devices that may wait for the broker; what is lost they ask for again. */
    private static final int MAX_WAITING = 10_000;

    private final BrokerConnection connection;
    private final Greeting greeting;

    /** What the broker holds of this process, by topic; the open rounds' announcement and parts. */
    private final Map<String, Mqtt5Publish> retained = new ConcurrentHashMap<>();

    private final AtomicInteger waiting = new AtomicInteger();

    private CoordinatorClient(
            BrokerAccount account, Greeting greeting, Topics topics, Inbox inbox) {
        this.greeting = greeting;
        this.connection =
                BrokerConnection.open(
                        account,
                        new BrokerConnection.Purpose(
                                ID,
                                List.of(
                                        topics.deviceStateFilter(),
                                        topics.reportFilter(),
                                        topics.errorFilter()),
                                Optional.of(greeting.farewell()),
                                "let its account read and write crosslm/v1/"
                                        + topics.tenant()
                                        + "/#"),
                        new BrokerConnection.Listener() {
                            @Override
                            public void connected(Memory memory) {
                                greet(memory);
                                inbox.connected().accept(memory);
                            }

                            @Override
                            public void received(Mqtt5Publish message) {
                                inbox.messages().accept(message);
                            }
                        });
    }

    /**
     * What the coordinator says of itself.
     *
     * @param hello published at each connect
     * @param farewell the will, also published at close
     */
    record Greeting(Mqtt5Publish hello, Mqtt5Publish farewell) {}

    /**
     * Who hears of what comes; called on a network thread.
     *
     * @param messages gets each message and must acknowledge it
     * @param connected hears of each new connection
     */
    record Inbox(Consumer<Mqtt5Publish> messages, Consumer<Memory> connected) {}

    /** Begins to connect, and to subscribe to what devices publish. */
    static CoordinatorClient open(
            BrokerAccount account, Greeting greeting, Topics topics, Inbox inbox) {
        return new CoordinatorClient(account, greeting, topics, inbox);
    }

    /**
     * Waits for the first connection.
     *
     * @throws CoordinatorException BROKER_AWAY
     */
    void awaitConnected(Duration patience) {
        connection.awaitUp(patience);
    }

    boolean isConnected() {
        return connection.isUp();
    }

    /** Why there is no connection, if that is so. */
    Optional<CoordinatorException> problem() {
        return connection.problem();
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

    /**
     * Publishes and returns when the broker has the messages.
     *
     * @throws CoordinatorException BROKER_AWAY; then some of them may come all the same
     */
    void publish(List<Mqtt5Publish> messages) {
        connection.awaitUp(RECONNECT_TIME);
        messages.forEach(this::remember);
        List<CompletableFuture<Mqtt5PublishResult>> sent =
                messages.stream().map(connection::publish).toList();
        sent.forEach(connection::await);
    }

    /** Publishes without waiting; a failure is logged. */
    void send(Mqtt5Publish message) {
        if (waiting.incrementAndGet() > MAX_WAITING) {
            waiting.decrementAndGet();
            LOG.debug("A message was left out: too many wait for the broker");
            return;
        }
        connection
                .publish(message)
                .whenComplete(
                        (result, failure) -> {
                            waiting.decrementAndGet();
                            if (failure != null) {
                                LOG.warnf(
                                        "The broker did not take a message: %s",
                                        failure.getMessage());
                            }
                        });
    }

    @Override
    public void close() {
        if (connection.isUp()) {
            try {
                publish(List.of(greeting.farewell()));
            } catch (CoordinatorException e) {
                LOG.debugf("The broker was away at the end: %s", e.getMessage());
            }
        }
        connection.close();
    }

    private void remember(Mqtt5Publish message) {
        String topic = message.getTopic().toString();
        if (!message.isRetain()) {
            return;
        }
        if (message.getPayload().isPresent()) {
            retained.put(topic, message);
        } else {
            retained.remove(topic);
        }
    }

    private void greet(Memory memory) {
        if (memory == Memory.LOST) {
            retained.values().forEach(this::send);
        }
        send(greeting.hello());
    }
}
