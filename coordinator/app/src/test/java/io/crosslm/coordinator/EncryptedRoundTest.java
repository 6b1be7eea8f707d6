package io.crosslm.coordinator;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.startsWith;

import io.crosslm.coordinator.config.CoordinatorConfig;
import io.crosslm.coordinator.config.Endpoints;
import io.crosslm.coordinator.task.Tasks;
import io.crosslm.coordinator.tls.CertificateRenewal;
import io.crosslm.coordinator.tls.Certificates;
import io.crosslm.coordinator.tls.Encryption;
import io.crosslm.edge.DeviceIdentity;
import io.crosslm.edge.EdgeClient;
import io.crosslm.edge.EdgeException;
import io.crosslm.edge.EdgeListener;
import io.crosslm.edge.Enrolment;
import io.crosslm.edge.RunOutcome;
import io.crosslm.edge.RunOutcome.Result;
import io.crosslm.protocol.CertificatePin;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.TaskName;
import io.crosslm.testkit.CutProxy;
import io.crosslm.testkit.FormulaEngine;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import io.restassured.config.SSLConfig;
import io.restassured.http.ContentType;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rounds over HTTPS and MQTT with TLS, of devices that work in windows of time. */
@QuarkusTest
@QuarkusTestResource(FreshDataFolder.class)
@TestProfile(EncryptedRoundTest.Encrypted.class)
class EncryptedRoundTest {
    private static final int DEVICES = 2;
    private static final Duration WINDOW = Duration.ofSeconds(90);
    private static final Duration SHORT_WINDOW = Duration.ofSeconds(15);

    @Inject CoordinatorConfig config;

    @Inject Endpoints endpoints;

    @Inject Encryption encryption;

    @Inject CertificateRenewal renewal;

    private final Queue<EdgeException.Code> problems = new ConcurrentLinkedQueue<>();

    @BeforeEach
    void speakHttps() throws Exception {
        RestAssured.baseURI = "https://127.0.0.1";
        RestAssured.config =
                RestAssured.config()
                        .sslConfig(SSLConfig.sslConfig().trustStore(TrustStores.of(authority())));
    }

    @Test
    void round_inWindowsOverTls_isDoneByAllDevices(@TempDir Path storage) {
        String task = "windows";
        create(task);
        List<DeviceIdentity> identities = new ArrayList<>();
        for (int i = 0; i < DEVICES; i++) {
            identities.add(enrol(storage.resolve("device" + i), task));
        }
        assertThat(identities)
                .allSatisfy(
                        identity -> {
                            assertThat(identity.brokerUri()).hasScheme("ssl");
                            assertThat(identity.coordinatorUri()).hasScheme("https");
                        });
        startRound(task);

        List<RunOutcome> outcomes = new ArrayList<>();
        await().atMost(Duration.ofMinutes(3))
                .until(
                        () -> {
                            for (int i = 0; i < DEVICES; i++) {
                                Path folder = storage.resolve("device" + i);
                                try (EdgeClient client =
                                        client(identities.get(i), task, folder, i)) {
                                    outcomes.add(client.runOnce(WINDOW));
                                }
                            }
                            return step(task).equals("CLOSED");
                        });

        assertThat(outcomes)
                .extracting(RunOutcome::result)
                .isSubsetOf(Result.DONE, Result.NOTHING_DUE, Result.NO_ROUND)
                .contains(Result.DONE);
        assertThat(outcomes.stream().mapToInt(RunOutcome::reports).sum()).isEqualTo(2 * DEVICES);
        Operator.request()
                .get("/v1/tasks/" + task + "/rounds/1")
                .then()
                .body("scoreReports", equalTo(DEVICES))
                .body("trainingReports", equalTo(DEVICES))
                .body("lateReports", equalTo(0));
    }

    @Test
    void certificate_renewedWhileTheServiceRuns_isShownByBothServers() throws Exception {
        int mqtt = endpoints.brokerUri().getPort();
        KeyStore trust = encryption.selfTrustStore().orElseThrow();
        X509Certificate first = shown(RestAssured.port);
        assertThat(shown(mqtt)).isEqualTo(first);
        // As if it were near its end.
        Files.delete(Encryption.folder(config.dataDir()).resolve("server.pem"));

        renewal.look();

        X509Certificate renewed = shown(RestAssured.port);
        assertThat(renewed).isNotEqualTo(first);
        // The broker looks at its file every ten seconds.
        await().atMost(Duration.ofSeconds(30)).until(() -> shown(mqtt).equals(renewed));
        // By this the coordinator itself knows the broker when it has to connect again.
        TrustManagerFactory factory =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(trust);
        ((X509TrustManager) factory.getTrustManagers()[0])
                .checkServerTrusted(new X509Certificate[] {renewed}, "ECDHE_ECDSA");
        given().get("/q/health/ready")
                .then()
                .statusCode(200)
                .body(
                        "checks.find { it.name == 'coordinator' }.data.certificateEnds",
                        equalTo(renewed.getNotAfter().toInstant().toString()));
    }

    /** The certificate that a server on this machine shows, whatever it is worth. */
    private static X509Certificate shown(int port) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new Credulous()}, null);
        try (SSLSocket socket =
                (SSLSocket)
                        context.getSocketFactory()
                                .createSocket(InetAddress.getLoopbackAddress(), port)) {
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        }
    }

    /** Trusts everybody. */
    private static final class Credulous implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    @Test
    void report_whoseWindowWasCut_isSentAsItWasInTheNextOne(@TempDir Path storage)
            throws Exception {
        String task = "cut";
        create(task);
        Path folder = storage.resolve("one");
        DeviceIdentity identity = enrol(folder, task);
        try (CutProxy mqtt = CutProxy.to(identity.brokerUri().getPort())) {
            DeviceIdentity proxied =
                    new DeviceIdentity(
                            identity.device(),
                            identity.token(),
                            identity.tenant(),
                            URI.create("ssl://127.0.0.1:" + mqtt.port()),
                            identity.coordinatorUri(),
                            identity.authority());
            startRound(task);
            List<RunOutcome> outcomes = new ArrayList<>();
            Cutter cutter = new Cutter(mqtt);
            await().atMost(Duration.ofMinutes(3))
                    .until(
                            () -> {
                                try (EdgeClient client = client(proxied, task, folder, 0, cutter)) {
                                    outcomes.add(client.runOnce(SHORT_WINDOW));
                                    return cutter.hasCut();
                                }
                            });
            RunOutcome cut = outcomes.get(outcomes.size() - 1);
            assertThat(cut.result()).isEqualTo(Result.UNFINISHED);
            assertThat(cut.reports()).isZero();
            assertThat(cut.detail()).contains("wait for their receipt");
            assertThat(mqtt.cuts()).isPositive();
            String journalled = Files.readString(folder.resolve("ledger.jsonl"));

            mqtt.refuse(false);
            try (EdgeClient client = client(proxied, task, folder, 0)) {
                RunOutcome resumed = client.runOnce(WINDOW);

                assertThat(resumed.result()).isEqualTo(Result.DONE);
                assertThat(resumed.reports()).isEqualTo(1);
            }
            // Made and journalled once; what came after is its receipt.
            assertThat(Files.readString(folder.resolve("ledger.jsonl")))
                    .startsWith(journalled)
                    .contains("\"status\":\"accepted\"");
        }
    }

    @Test
    void window_withoutARound_saysSo(@TempDir Path storage) {
        create("idle");
        DeviceIdentity identity = enrol(storage, "idle");
        try (EdgeClient client = client(identity, "idle", storage, 0)) {
            RunOutcome outcome = client.runOnce(WINDOW);

            assertThat(outcome).isEqualTo(new RunOutcome(Result.NO_ROUND, 0, "no round is open"));
            assertThat(client.runOnce(WINDOW).result()).isEqualTo(Result.NO_ROUND);
        }
    }

    @Test
    void window_ofARevokedDevice_saysSo(@TempDir Path storage) {
        create("left");
        DeviceIdentity identity = enrol(storage, "left");
        Operator.request().delete("/v1/devices/" + identity.device()).then().statusCode(200);
        try (EdgeClient client = client(identity, "left", storage, 0)) {
            assertThat(client.runOnce(WINDOW).result()).isEqualTo(Result.REVOKED);
        }
    }

    @Test
    void window_withTheBrokerOfAnotherAuthority_isOfflineAndSaysWhy(@TempDir Path storage) {
        create("other");
        DeviceIdentity identity = enrol(storage, "other");
        Certificates certificates = new Certificates(new SecureRandom());
        DeviceIdentity elsewhere =
                new DeviceIdentity(
                        identity.device(),
                        identity.token(),
                        identity.tenant(),
                        identity.brokerUri(),
                        identity.coordinatorUri(),
                        TrustStores.pem(
                                certificates.authority(
                                        "another",
                                        certificates.keyPair(),
                                        Instant.now(),
                                        Duration.ofDays(1))));
        try (EdgeClient client = client(elsewhere, "other", storage, 0)) {
            RunOutcome outcome = client.runOnce(SHORT_WINDOW);

            assertThat(outcome.result()).isEqualTo(Result.OFFLINE);
            assertThat(outcome.detail()).contains("does not lead to the authority");
            assertThat(problems).contains(EdgeException.Code.UNTRUSTED_SERVER);
        }
    }

    @Test
    void code_shownToAServerWithAnotherPin_isNotSpent(@TempDir Path storage) {
        create("pinned");
        String code = Operator.invite("device", "pinned");
        CertificatePin other =
                CertificatePin.of(new Certificates(new SecureRandom()).keyPair().getPublic());

        assertThatThrownBy(
                        () ->
                                Enrolment.in(storage)
                                        .enrol(
                                                code.substring(0, code.indexOf('#') + 1) + other,
                                                null,
                                                null))
                .hasMessageStartingWith("EDGE-3021");
        assertThat(Enrolment.in(storage).enrol(code, null, null).authority()).isNotNull();
    }

    @Test
    void enrolment_withTls_tellsTheAuthority() throws Exception {
        given().contentType(ContentType.JSON)
                .body(Map.of("code", Operator.invite("device", "told")))
                .post("/v1/enrolments")
                .then()
                .statusCode(201)
                .body("brokerUri", startsWith("ssl://"))
                .body("ca", equalTo(Files.readString(authority())));
    }

    @Test
    void listeners_spokenToWithoutTls_giveNoAnswerOfTheirProtocol() throws Exception {
        DeviceIdentity identity = enrol(Files.createTempDirectory("plain"), "plain");

        assertThat(firstBytes(RestAssured.port, "GET /q/health HTTP/1.0\r\n\r\n"))
                .doesNotStartWith("HTTP");
        // An MQTT 5 CONNECT without credential: a broker without TLS would send a CONNACK (0x20).
        assertThat(
                        firstBytes(
                                identity.brokerUri().getPort(),
                                "\u0010\u000e\0\u0004MQTT\u0005\u0002\0\u003c\0\0\u0001a"))
                .doesNotStartWith("\u0020");
    }

    private static String firstBytes(int port, String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            InputStream in = socket.getInputStream();
            return new String(in.readNBytes(4), StandardCharsets.ISO_8859_1);
        } catch (SocketException e) {
            // Reset: no answer at all.
            return "";
        }
    }

    private Path authority() {
        return Encryption.folder(config.dataDir()).resolve("ca.pem");
    }

    private static DeviceIdentity enrol(Path folder, String task) {
        return Enrolment.in(folder).enrol(Operator.invite("device", task), null, null);
    }

    private EdgeClient client(DeviceIdentity identity, String task, Path folder, int seed) {
        return client(
                identity,
                task,
                folder,
                seed,
                new EdgeListener() {
                    @Override
                    public void problem(EdgeException problem) {
                        problems.add(problem.code());
                    }
                });
    }

    private static EdgeClient client(
            DeviceIdentity identity, String task, Path folder, int seed, EdgeListener listener) {
        return EdgeClient.builder(identity.coordinatorUri(), identity)
                .task(task, Sentences.of(seed), new FormulaEngine())
                .storage(folder)
                .listener(listener)
                .reconnect(Duration.ofMillis(50), Duration.ofMillis(500))
                .build();
    }

    private static void create(String task) {
        String definition =
                Tasks.weather(
                                "\"samplesPerRound\": 32, \"completionsPerPrompt\": 4,"
                                        + " \"minimumReports\": 2, \"quorum\": 1")
                        .toJson()
                        .replace("\"name\":\"weather\"", "\"name\":\"" + task + '"');
        Operator.request()
                .contentType(ContentType.JSON)
                .body(definition)
                .post("/v1/tasks")
                .then()
                .statusCode(201);
    }

    private static void startRound(String task) {
        Operator.request()
                .contentType(ContentType.JSON)
                .body(Map.of("count", 1))
                .post("/v1/tasks/" + task + "/rounds")
                .then()
                .statusCode(202);
    }

    private static String step(String task) {
        return Operator.request().get("/v1/tasks/" + task + "/rounds/1").path("step");
    }

    /** A coordinator that encrypts on this machine, too. */
    public static final class Encrypted implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("crosslm.tls.mode", "on");
        }
    }

    /** Cuts the way to the broker when a report is committed, before it is sent. */
    private static final class Cutter implements EdgeListener {
        private final CutProxy proxy;
        private volatile boolean hasCut;

        Cutter(CutProxy proxy) {
            this.proxy = proxy;
        }

        boolean hasCut() {
            return hasCut;
        }

        @Override
        public void scored(TaskName task, RoundNumber round, int samples, Duration duration) {
            proxy.refuse(true);
            proxy.cutAll();
            hasCut = true;
        }
    }
}
