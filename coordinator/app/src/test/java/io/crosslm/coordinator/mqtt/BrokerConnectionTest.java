package io.crosslm.coordinator.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.TrustStores;
import io.crosslm.coordinator.device.Secret;
import io.crosslm.coordinator.mqtt.BrokerAccount.Credential;
import io.crosslm.coordinator.mqtt.BrokerAccount.NameCheck;
import io.crosslm.coordinator.mqtt.BrokerAccount.Trust;
import io.crosslm.coordinator.tls.Certificates;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of brokers that cannot be used, and that the connection is there once they can. */
final class BrokerConnectionTest {
    private static final String RIGHTS = "let it do everything";
    private static final Credential ADMIN = new Credential("admin", Secret.of("right-password"));

    @TempDir private Path folder;

    @Test
    void broker_thatIsNotThereYet_isUnreachableUntilItStarts() {
        Mosquitto.require();
        int port = Mosquitto.freePort();
        try (BrokerConnection connection = connect(account(port, ADMIN))) {
            assertThat(problem(connection).code()).isEqualTo(Code.BROKER_UNREACHABLE);
            assertThat(problem(connection)).hasMessageContaining("127.0.0.1:" + port);

            try (Mosquitto broker = Mosquitto.start(folder, port, administered())) {
                await().atMost(Duration.ofSeconds(30)).until(connection::isUp);
                assertThat(connection.problem()).isEmpty();
                assertThat(broker.port()).isEqualTo(port);
            }
            await().until(() -> !connection.isUp());
        }
    }

    @Test
    void password_thatIsWrong_isRefusedAndNotShown() {
        Mosquitto.require();
        int port = Mosquitto.freePort();
        Credential wrong = new Credential("admin", Secret.of("quite-another"));
        try (Mosquitto broker = Mosquitto.start(folder, port, administered());
                BrokerConnection connection = connect(account(broker.port(), wrong))) {
            CoordinatorException problem = problem(connection);

            assertThat(problem.code()).isEqualTo(Code.BROKER_REFUSED);
            assertThat(problem)
                    .hasMessageContaining("crosslm.mqtt.password-file")
                    .hasMessageNotContaining("quite-another");
            assertThat(wrong.toString()).doesNotContain("quite-another");
        }
    }

    @Test
    void subscription_thatIsNotAllowed_isRefusedWithWhatToAllow() {
        Mosquitto.require();
        int port = Mosquitto.freePort();
        Credential poor = new Credential("poor", Secret.of("right-password"));
        try (Mosquitto broker = Mosquitto.start(folder, port, administered());
                ControlChannel control =
                        new ControlChannel(account(broker.port(), ADMIN), "test", () -> {})) {
            await().atMost(Duration.ofSeconds(30)).until(control::isUp);
            JsonObject account = ControlChannel.command("createClient");
            account.addProperty("username", poor.username());
            account.addProperty("password", poor.password().reveal());
            control.run(account);
            assertRefused(account(broker.port(), poor));
        }
    }

    private static void assertRefused(BrokerAccount account) {
        try (BrokerConnection connection = connect(account)) {
            assertThat(problem(connection).code()).isEqualTo(Code.BROKER_REFUSED);
            assertThat(problem(connection)).hasMessageContaining(RIGHTS);
        }
    }

    @Test
    void broker_withSmallPackets_isUnfit() {
        Mosquitto.require();
        int port = Mosquitto.freePort();
        try (Mosquitto broker =
                        Mosquitto.start(
                                folder,
                                port,
                                List.of("max_packet_size 60000", "allow_anonymous true"));
                BrokerConnection connection = connect(account(broker.port(), ADMIN))) {
            assertThat(problem(connection).code()).isEqualTo(Code.BROKER_UNFIT);
            assertThat(problem(connection)).hasMessageContaining("60000");
            assertThat(connection.isUp()).isFalse();
        }
    }

    @Test
    void broker_withTheCertificateOfAnotherAuthority_isUntrusted() throws Exception {
        Mosquitto.require();
        Certificates certificates = new Certificates(new SecureRandom());
        int port = Mosquitto.freePort();
        X509Certificate other = authority(certificates, certificates.keyPair());
        try (Mosquitto broker = Mosquitto.start(folder, port, encrypted(certificates));
                BrokerConnection connection =
                        connect(
                                new BrokerAccount(
                                        "127.0.0.1",
                                        broker.port(),
                                        Optional.of(
                                                new Trust(
                                                        TrustStores.ofPem(TrustStores.pem(other)),
                                                        NameCheck.HOST)),
                                        Optional.of(ADMIN)))) {
            assertThat(problem(connection).code()).isEqualTo(Code.BROKER_UNTRUSTED);
        }
    }

    @Test
    void broker_withACertificateForAnotherHost_isUntrusted() throws Exception {
        Mosquitto.require();
        int port = Mosquitto.freePort();
        List<String> lines = encrypted(new Certificates(new SecureRandom()));
        try (Mosquitto broker = Mosquitto.start(folder, port, lines);
                BrokerConnection connection =
                        connect(
                                new BrokerAccount(
                                        "127.0.0.1",
                                        broker.port(),
                                        Optional.of(
                                                new Trust(
                                                        TrustStores.of(folder.resolve("ca.crt")),
                                                        NameCheck.HOST)),
                                        Optional.of(ADMIN)))) {
            assertThat(problem(connection).code()).isEqualTo(Code.BROKER_UNTRUSTED);
        }
    }

    @Test
    void broker_ofAnEarlierProtocol_isNotMqtt5() throws Exception {
        // The CONNACK of MQTT 3.1.1 that means: unacceptable protocol version.
        try (Answering server = new Answering(new byte[] {0x20, 2, 0, 1});
                BrokerConnection connection = connect(account(server.port(), ADMIN))) {
            assertThat(problem(connection).code()).isEqualTo(Code.BROKER_NOT_MQTT5);
        }
    }

    @Test
    void server_ofHttp_isNotMqtt5() throws Exception {
        byte[] answer =
                ("HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
                                + "Connection: close\r\nContent-Length: 15\r\n\r\n400 Bad Request")
                        .getBytes(StandardCharsets.US_ASCII);
        try (Answering server = new Answering(answer);
                BrokerConnection connection = connect(account(server.port(), ADMIN))) {
            assertThat(problem(connection).code()).isEqualTo(Code.BROKER_NOT_MQTT5);
        }
    }

    private List<String> administered() {
        return Mosquitto.dynamicSecurity(folder, "admin", "right-password");
    }

    /** A broker that is sure to be another host. */
    private List<String> encrypted(Certificates certificates) throws IOException {
        KeyPair keys = certificates.keyPair();
        X509Certificate authority = authority(certificates, keys);
        KeyPair server = certificates.keyPair();
        X509Certificate certificate =
                certificates.server(
                        List.of("elsewhere.example"),
                        server.getPublic(),
                        new Certificates.Issuer(
                                authority, keys.getPrivate(), Instant.now(), Duration.ofDays(1)));
        Files.writeString(folder.resolve("ca.crt"), TrustStores.pem(authority));
        Files.writeString(folder.resolve("server.crt"), TrustStores.pem(certificate));
        Files.writeString(folder.resolve("server.key"), TrustStores.pem(server.getPrivate()));
        return List.of(
                "certfile " + folder.resolve("server.crt"),
                "keyfile " + folder.resolve("server.key"));
    }

    private static X509Certificate authority(Certificates certificates, KeyPair keys) {
        return certificates.authority("test", keys, Instant.now(), Duration.ofDays(1));
    }

    private static BrokerAccount account(int port, Credential credential) {
        return new BrokerAccount("127.0.0.1", port, Optional.empty(), Optional.of(credential));
    }

    private static BrokerConnection connect(BrokerAccount account) {
        return BrokerConnection.open(
                account,
                new BrokerConnection.Purpose("test", List.of("#"), Optional.empty(), RIGHTS),
                new Deaf());
    }

    private static CoordinatorException problem(BrokerConnection connection) {
        await().atMost(Duration.ofSeconds(30)).until(() -> connection.problem().isPresent());
        return connection.problem().orElseThrow();
    }

    /** Needs no messages. */
    private static final class Deaf implements BrokerConnection.Listener {
        @Override
        public void connected(BrokerConnection.Memory memory) {}

        @Override
        public void received(Mqtt5Publish message) {
            message.acknowledge();
        }
    }

    /** A server that answers the first bytes of every connection with its own. */
    private static final class Answering implements AutoCloseable {
        private final ServerSocket server;

        Answering(byte[] answer) throws IOException {
            server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
            Thread thread = new Thread(() -> serve(answer), "answering");
            thread.setDaemon(true);
            thread.start();
        }

        int port() {
            return server.getLocalPort();
        }

        private void serve(byte[] answer) {
            while (!server.isClosed()) {
                try (Socket client = server.accept()) {
                    InputStream in = client.getInputStream();
                    if (in.read() >= 0) {
                        client.getOutputStream().write(answer);
                        client.getOutputStream().flush();
                        // Until the other side has read it and goes.
                        in.readAllBytes();
                    }
                } catch (IOException e) {
                    // The next one, or the end of the test.
                }
            }
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }
}
