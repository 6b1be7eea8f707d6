package io.crosslm.edge.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
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

    /** The thread that says good-bye must not find a client that was taken apart meanwhile. */
    @Test
    void close_whileGoodByeIsSaid_waitsForIt() throws Exception {
        List<String> acts = new ArrayList<>();
        AtomicReference<PahoConnection> own = new AtomicReference<>();
        MqttAsyncClient cut =
                new MqttAsyncClient("tcp://localhost:1", "device", new MemoryPersistence()) {
                    @Override
                    public IMqttToken disconnect(long quiesceTimeout) throws MqttException {
                        own.get().mqttErrorOccurred(new MqttException(0));
                        acts.add("good-bye");
                        return super.disconnect(quiesceTimeout);
                    }

                    @Override
                    public void close(boolean force) throws MqttException {
                        acts.add("close");
                        super.close(force);
                    }
                };
        own.set(new PahoConnection(cut, deaf, Runnable::run));
        own.get().disconnect(TIMEOUT);
        own.get().close();
        assertThat(acts).containsExactly("good-bye", "close");
    }

    @Test
    void exception_onAThreadThatPahoMade_doesNotReachTheApp() throws InterruptedException {
        AtomicReference<Throwable> reached = new AtomicReference<>();
        Runnable throwing =
                () -> {
                    throw new IllegalStateException("clientState");
                };
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> reached.set(thrown));
        try {
            AtomicReference<Thread> made = new AtomicReference<>();
            Thread ours = new PahoThreads().newThread(() -> made.set(new Thread(throwing)));
            ours.start();
            ours.join();
            made.get().start();
            made.get().join();
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
        assertThat(reached).hasNullValue();
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
