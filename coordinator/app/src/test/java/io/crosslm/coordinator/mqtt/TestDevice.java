package io.crosslm.coordinator.mqtt;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.exceptions.MqttClientStateException;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.crosslm.coordinator.Operator;
import io.crosslm.coordinator.TrustStores;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.TrustManagerFactory;

/** A bare MQTT client with a device's credential. */
public final class TestDevice implements AutoCloseable {
    private final Mqtt5BlockingClient client;
    private final BlockingQueue<Mqtt5Publish> received = new LinkedBlockingQueue<>();

    private TestDevice(Mqtt5BlockingClient client) {
        this.client = client;
        client.toAsync().publishes(MqttGlobalPublishFilter.ALL, received::add);
    }

    public static TestDevice connect(Operator.Member member) {
        return connect(member, member.id(), member.token());
    }

    public static TestDevice connect(Operator.Member member, String clientId, String token) {
        TestDevice device =
                new TestDevice(
                        MqttClient.builder()
                                .useMqttVersion5()
                                .identifier(clientId)
                                .serverHost(member.broker().getHost())
                                .serverPort(member.broker().getPort())
                                .sslConfig(sslConfig(member))
                                .simpleAuth()
                                .username(clientId)
                                .password(token.getBytes(StandardCharsets.UTF_8))
                                .applySimpleAuth()
                                .buildBlocking());
        device.client.connectWith().cleanStart(true).send();
        return device;
    }

    private static MqttClientSslConfig sslConfig(Operator.Member member) {
        if (member.authority() == null) {
            return null;
        }
        try {
            TrustManagerFactory trust =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(TrustStores.ofPem(member.authority()));
            return MqttClientSslConfig.builder().trustManagerFactory(trust).build();
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    public boolean isConnected() {
        return client.getState().isConnected();
    }

    /** Whether the broker took the message. */
    public boolean publish(String topic, byte[] payload, boolean retain) {
        try {
            client.publishWith()
                    .topic(topic)
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .retain(retain)
                    .payload(payload)
                    .send();
            return true;
        } catch (Mqtt5PubAckException e) {
            return false;
        }
    }

    /** Publishes with QoS 0, to which a broker answers nothing. */
    void publishAtMostOnce(String topic, byte[] payload) {
        client.publishWith().topic(topic).qos(MqttQos.AT_MOST_ONCE).payload(payload).send();
    }

    /** Whether the broker took the subscription. */
    public boolean subscribe(String filter) {
        try {
            client.subscribeWith().topicFilter(filter).qos(MqttQos.AT_LEAST_ONCE).send();
            return true;
        } catch (Mqtt5SubAckException e) {
            return false;
        }
    }

    /** The next message that comes within ten seconds. */
    public Mqtt5Publish next() throws InterruptedException {
        Mqtt5Publish message = received.poll(10, TimeUnit.SECONDS);
        if (message == null) {
            throw new AssertionError("no message came");
        }
        return message;
    }

    @Override
    public void close() {
        try {
            client.disconnect();
        } catch (MqttClientStateException e) {
            // The broker was first: it ends the connection of who publishes where it must not.
        }
    }
}
