package io.crosslm.edge.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.List;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A connection whose client object has been taken apart by another thread. */
final class PahoConnectionTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(1);

    private final LinkListener deaf =
            new LinkListener() {
                @Override
                public void received(ReceivedMessage message) {
                    throw new AssertionError("nothing is sent");
                }

                @Override
                public void acknowledged(long number, int reasonCode) {
                    throw new AssertionError("nothing is published");
                }

                @Override
                public void lost(String reason) {
                    // It has no connection.
                }
            };

    private MqttAsyncClient client;
    private PahoConnection connection;

    @BeforeEach
    void closeTheClient() throws MqttException {
        client = new MqttAsyncClient("tcp://localhost:1", "device", new MemoryPersistence());
        connection = new PahoConnection(client, deaf, Runnable::run);
        client.close(true);
    }

    @Test
    void disconnect_onceTheClientIsClosed_isQuiet() {
        assertThatCode(() -> connection.disconnect(TIMEOUT)).doesNotThrowAnyException();
    }

    /** Paho's threads set its fields to null while another one is in the call. */
    @Test
    void disconnect_whileTheClientIsTakenApart_isQuiet() throws Exception {
        MqttAsyncClient dismantled =
                new MqttAsyncClient("tcp://localhost:1", "device", new MemoryPersistence()) {
                    @Override
                    public IMqttToken disconnect(long quiesceTimeout) {
                        throw new NullPointerException("clientState");
                    }
                };
        PahoConnection ending = new PahoConnection(dismantled, deaf, Runnable::run);
        assertThatCode(() -> ending.disconnect(TIMEOUT)).doesNotThrowAnyException();
    }

    @Test
    void calls_onceTheClientIsClosed_sayUnreachable() {
        LinkMessage message =
                new LinkMessage(
                        "a/b", ByteString.EMPTY, LinkMessage.Retention.PASSING, "text/plain");
        assertThatThrownBy(() -> connection.publish(1, message))
                .isInstanceOfSatisfying(
                        LinkException.class,
                        e -> assertThat(e.reason()).isEqualTo(LinkException.Reason.UNREACHABLE));
        assertThatThrownBy(() -> connection.subscribe(List.of("a/+"), TIMEOUT))
                .isInstanceOf(LinkException.class);
        assertThatThrownBy(() -> connection.unsubscribe(List.of("a/+"), TIMEOUT))
                .isInstanceOf(LinkException.class);
    }
}
