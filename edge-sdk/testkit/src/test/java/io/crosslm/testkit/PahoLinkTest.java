package io.crosslm.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.crosslm.edge.link.DeviceLink;
import io.crosslm.edge.link.LinkConnection;
import io.crosslm.edge.link.LinkException;
import io.crosslm.edge.link.LinkListener;
import io.crosslm.edge.link.LinkMessage;
import io.crosslm.edge.link.LinkSettings;
import io.crosslm.edge.link.PahoLink;
import io.crosslm.edge.link.ReceivedMessage;
import io.crosslm.edge.tls.ServerTrust;
import io.crosslm.protocol.CertificatePin;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Paho over a real broker; every client but the first of a test goes through the cut proxy. */
final class PahoLinkTest extends DeviceLinkContract {
    private final HiveMqBroker broker = HiveMqBroker.shared();
    private final DeviceLink paho = new PahoLink();
    private CutProxy proxy;

    @BeforeEach
    void startProxy() {
        proxy = CutProxy.to(broker.port());
    }

    @AfterEach
    void stopProxy() {
        proxy.close();
    }

    @Override
    protected DeviceLink link() {
        return (settings, listener) ->
                paho.open(
                        settings.clientId().equals("victim")
                                ? at(settings, "tcp://127.0.0.1:" + proxy.port())
                                : settings,
                        listener);
    }

    @Override
    protected String brokerUri() {
        return broker.uri();
    }

    @Override
    protected void cut(String clientId) {
        proxy.cutAll();
        assertThat(proxy.cuts()).isPositive();
    }

    @Test
    void open_withWrongPassword_saysNotAuthorised() {
        LinkSettings wrong = settings(broker.uri(), "wrong", Duration.ofSeconds(10));
        assertThatThrownBy(() -> paho.open(wrong, new Ignoring()))
                .isInstanceOfSatisfying(
                        LinkException.class,
                        e -> assertThat(e.reason()).isEqualTo(LinkException.Reason.NOT_AUTHORISED))
                .hasMessageNotContaining("wrong");
    }

    @Test
    void open_withNobodyThere_saysUnreachable() {
        LinkSettings nobody = settings("tcp://127.0.0.1:1", "secret", Duration.ofSeconds(10));
        assertThatThrownBy(() -> paho.open(nobody, new Ignoring()))
                .isInstanceOfSatisfying(
                        LinkException.class,
                        e -> assertThat(e.reason()).isEqualTo(LinkException.Reason.UNREACHABLE));
    }

    @Test
    void open_withSilentServer_givesUpAtTheTimeout() throws IOException {
        // Accepts in the kernel's queue and never answers: Paho alone would wait for ever.
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            LinkSettings hanging =
                    settings(
                            "tcp://127.0.0.1:" + silent.getLocalPort(),
                            "secret",
                            Duration.ofMillis(500));
            assertThatThrownBy(() -> paho.open(hanging, new Ignoring()))
                    .isInstanceOf(LinkException.class);
        }
    }

    /** Paho of its own leaves a thread behind that waits for ever. */
    @Test
    void open_thatIsCutAtOnce_leavesNoThreadBehind() throws InterruptedException {
        proxy.refuse(true);
        LinkSettings cut =
                at(
                        settings(broker.uri(), "secret", Duration.ofSeconds(10)),
                        "tcp://127.0.0.1:" + proxy.port());
        for (int i = 0; i < 20; i++) {
            assertThatThrownBy(() -> paho.open(cut, new Ignoring()))
                    .isInstanceOfSatisfying(
                            LinkException.class,
                            e ->
                                    assertThat(e.reason())
                                            .isEqualTo(LinkException.Reason.UNREACHABLE));
        }
        assertThat(proxy.cuts()).isEqualTo(20);
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().equals("MQTT Con: device")) {
                thread.join(5_000);
                assertThat(thread.isAlive()).isFalse();
            }
        }
    }

    /** CONNACK and DISCONNECT in one packet: Paho of its own may forget that somebody waits. */
    @Test
    void open_thatTheBrokerEndsAsItAnswers_doesNotWaitForTheTimeout() throws Exception {
        byte[] answer = {0x20, 0x03, 0, 0, 0, (byte) 0xe0, 0x02, (byte) 0x8e, 0};
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            LinkSettings ended =
                    settings(
                            "tcp://127.0.0.1:" + server.getLocalPort(),
                            "secret",
                            Duration.ofSeconds(60));
            for (int i = 0; i < 10; i++) {
                CompletableFuture<String> lost = new CompletableFuture<>();
                LinkListener listener =
                        new Ignoring() {
                            @Override
                            public void lost(String reason) {
                                lost.complete(reason);
                            }
                        };
                CompletableFuture<String> opened =
                        CompletableFuture.supplyAsync(() -> outcome(ended, listener, lost));
                try (Socket client = server.accept()) {
                    assertThat(client.getInputStream().read()).isEqualTo(0x10);
                    client.getOutputStream().write(answer);
                    assertThat(opened.get(10, TimeUnit.SECONDS)).isIn("open", "UNREACHABLE");
                }
            }
        }
    }

    private String outcome(
            LinkSettings settings, LinkListener listener, CompletableFuture<String> lost) {
        try (LinkConnection connection = paho.open(settings, listener)) {
            assertThat(lost.join()).isNotEmpty();
            return "open";
        } catch (LinkException e) {
            return e.reason().name();
        }
    }

    @Test
    void publish_toForbiddenTopic_isAcknowledgedWithItsReasonCode() throws Exception {
        CompletableFuture<Integer> code = new CompletableFuture<>();
        LinkListener listener =
                new Ignoring() {
                    @Override
                    public void acknowledged(long number, int reasonCode) {
                        code.complete(reasonCode);
                    }
                };
        try (LinkConnection connection =
                paho.open(settings(broker.uri(), "secret", Duration.ofSeconds(10)), listener)) {
            connection.publish(1, message("forbidden/topic"));
            assertThat(code.get(10, TimeUnit.SECONDS)).isEqualTo(0x87);
        }
    }

    @Test
    void connection_knowsTheBrokersLimits() throws Exception {
        try (LinkConnection connection =
                paho.open(
                        settings(broker.uri(), "secret", Duration.ofSeconds(10)), new Ignoring())) {
            assertThat(connection.maximumPacketBytes()).isEqualTo(262_144);
            assertThat(connection.receiveMaximum()).isBetween(1, 65_535);
            assertThat(connection.subscribe(List.of("x"), Duration.ofSeconds(5)))
                    .containsExactly(1);
        }
    }

    @Test
    void open_withTlsAtAnIpv6Address_saysWhatItNeeds() throws Exception {
        CertificatePin pin = CertificatePin.parse("w6LyEoxKIRjGcDS3Jf5aH-ueHsksOK3Zc1buxjIgepk");
        LinkSettings plain = settings("ssl://[::1]:8883", "secret", Duration.ofSeconds(5));
        LinkSettings settings =
                new LinkSettings(
                        plain.brokerUri(),
                        ServerTrust.ofPin(pin, Clock.systemUTC()),
                        plain.clientId(),
                        plain.password(),
                        plain.will(),
                        plain.receiveMaximum(),
                        plain.connectTimeout(),
                        plain.keepAlive());
        assertThatThrownBy(() -> paho.open(settings, new Ignoring()))
                .isInstanceOf(LinkException.class)
                .hasMessageContaining("a host name or an IPv4 address");
    }

    @Test
    void open_withoutTlsOffThisMachine_connectsNowhere() {
        assertThatThrownBy(
                        () ->
                                paho.open(
                                        settings(
                                                "tcp://192.0.2.1:1",
                                                "secret",
                                                Duration.ofSeconds(5)),
                                        new Ignoring()))
                .isInstanceOfSatisfying(
                        LinkException.class,
                        e -> assertThat(e.reason()).isEqualTo(LinkException.Reason.UNTRUSTED))
                .hasMessageContaining("expected an address with TLS");
    }

    private static LinkMessage message(String topic) {
        return new LinkMessage(
                topic, ByteString.EMPTY, LinkMessage.Retention.PASSING, "text/plain");
    }

    private static LinkSettings settings(String uri, String password, Duration timeout) {
        return new LinkSettings(
                uri,
                ServerTrust.loopbackOnly(),
                "device",
                password,
                message("will/device"),
                4,
                timeout,
                timeout);
    }

    private static LinkSettings at(LinkSettings settings, String uri) {
        return new LinkSettings(
                uri,
                settings.trust(),
                settings.clientId(),
                settings.password(),
                settings.will(),
                settings.receiveMaximum(),
                settings.connectTimeout(),
                settings.keepAlive());
    }

    private static class Ignoring implements LinkListener {
        @Override
        public void received(ReceivedMessage message) {}

        @Override
        public void acknowledged(long number, int reasonCode) {}

        @Override
        public void lost(String reason) {}
    }
}
