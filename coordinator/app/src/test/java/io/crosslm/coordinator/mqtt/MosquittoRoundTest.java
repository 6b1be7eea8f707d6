package io.crosslm.coordinator.mqtt;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import io.crosslm.coordinator.FreshDataFolder;
import io.crosslm.coordinator.LearningDevices;
import io.crosslm.coordinator.Operator;
import io.crosslm.coordinator.TrustStores;
import io.crosslm.edge.EdgeListener;
import io.crosslm.edge.store.LedgerEntry;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.TaskName;
import io.crosslm.protocol.TenantId;
import io.crosslm.protocol.topic.Topics;
import io.crosslm.protocol.wire.Command;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.config.SSLConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rounds and access rules over a mosquitto process with TLS and dynamic security. */
@QuarkusTest
@QuarkusTestResource(FreshDataFolder.class)
@QuarkusTestResource(value = MosquittoResource.class, restrictToAnnotatedClass = true)
class MosquittoRoundTest {
    private static final int DEVICES = 2;
    private static final byte[] BYTES = {1, 2, 3};
    private static final Topics TOPICS = Topics.of(TenantId.DEFAULT);

    @BeforeAll
    static void requireMosquitto() {
        Mosquitto.require();
    }

    @BeforeEach
    void awaitBroker() throws Exception {
        RestAssured.baseURI = "https://127.0.0.1";
        MosquittoResource.broker();
        RestAssured.config =
                RestAssured.config()
                        .sslConfig(
                                SSLConfig.sslConfig()
                                        .trustStore(TrustStores.of(MosquittoResource.authority())));
        await().atMost(Duration.ofSeconds(60))
                .until(() -> given().get("/q/health/ready").statusCode() == 200);
    }

    @Test
    void certificate_forTheBroker_isReadableByItsOwnerOnly() throws Exception {
        Path folder = MosquittoResource.authority().getParent();

        assertThat(permissions(folder.resolve("server.key"))).isEqualTo("rw-------");
        assertThat(permissions(folder.resolve("server.crt"))).isEqualTo("rw-r--r--");
        assertThat(permissions(folder.resolve("ca.crt"))).isEqualTo("rw-r--r--");
    }

    @Test
    void round_overMosquitto_isDoneByAllDevices(@TempDir Path storage) {
        try (LearningDevices devices = new LearningDevices(storage, "mosquitto")) {
            for (int i = 0; i < DEVICES; i++) {
                assertThat(devices.join(EdgeListener.noop()).brokerUri())
                        .hasScheme("ssl")
                        .hasHost("localhost");
            }
            devices.run(1);

            assertAllReported("mosquitto");
            assertAccepted(devices);
        }
    }

    @Test
    void round_whoseCoordinatorIsCutOffWhileReportsCome_isDoneByAllDevices(@TempDir Path storage) {
        int before = MosquittoResource.proxy().cuts();
        AtomicBoolean hasCut = new AtomicBoolean();
        try (LearningDevices devices = new LearningDevices(storage, "cut")) {
            for (int i = 0; i < DEVICES; i++) {
                devices.join(atFirstScores(hasCut, MosquittoRoundTest::cutForTwoSeconds));
            }
            devices.run(1);

            assertThat(MosquittoResource.proxy().cuts()).isGreaterThan(before + 1);
            assertAllReported("cut");
            assertAccepted(devices);
        }
    }

    @Test
    void round_whoseBrokerLosesAllItKept_isDoneByAllDevices(@TempDir Path storage) {
        AtomicBoolean hasKilled = new AtomicBoolean();
        try (LearningDevices devices = new LearningDevices(storage, "forgotten")) {
            for (int i = 0; i < DEVICES; i++) {
                devices.join(
                        atFirstScores(
                                hasKilled,
                                () -> {
                                    MosquittoResource.broker().kill();
                                    MosquittoResource.broker().start();
                                }));
            }
            devices.run(1);

            assertThat(hasKilled).isTrue();
            assertAllReported("forgotten");
            assertAccepted(devices);
        }
    }

    @Test
    void device_onItsOwnTopics_isLetThrough() {
        Operator.Member member = Operator.member("silo", "trec");
        DeviceId id = new DeviceId(member.id());
        TaskName task = new TaskName("trec");
        try (TestDevice device = TestDevice.connect(member)) {
            assertThat(device.publish(TOPICS.report(id).name(), BYTES, false)).isTrue();
            assertThat(device.publish(TOPICS.deviceState(id).name(), new byte[0], true)).isTrue();
            assertThat(device.publish(TOPICS.error(id).name(), BYTES, false)).isTrue();
            assertThat(device.subscribe(TOPICS.command(id).name())).isTrue();
            assertThat(device.subscribe(TOPICS.coordinatorState().name())).isTrue();
            assertThat(device.subscribe(TOPICS.announcement(task).name())).isTrue();
            assertThat(device.subscribe(TOPICS.batchFilter(task, new RoundNumber(7)))).isTrue();
            assertThat(device.subscribe(TOPICS.poolFilter(task, new RoundNumber(7)))).isTrue();
        }
    }

    @Test
    void device_onTopicsOfOthers_isRefused() {
        Operator.Member member = Operator.member("silo", "trec");
        DeviceId other = new DeviceId(Operator.member("other", "trec").id());
        TaskName foreign = new TaskName("sst2");
        try (TestDevice device = TestDevice.connect(member)) {
            assertThat(device.subscribe(TOPICS.command(other).name())).isFalse();
            assertThat(device.subscribe("crosslm/v1/default/d/+/command")).isFalse();
            assertThat(device.subscribe("#")).isFalse();
            assertThat(device.subscribe("$CONTROL/dynamic-security/v1/response")).isFalse();
            assertThat(device.subscribe(TOPICS.reportFilter())).isFalse();
            assertThat(device.subscribe(TOPICS.announcement(foreign).name())).isFalse();
            assertThat(device.subscribe(TOPICS.batchFilter(foreign, new RoundNumber(1)))).isFalse();
            assertThat(device.publish(TOPICS.report(other).name(), BYTES, false)).isFalse();
            assertThat(device.publish(TOPICS.command(other).name(), BYTES, false)).isFalse();
            assertThat(device.publish(TOPICS.coordinatorState().name(), BYTES, true)).isFalse();
            assertThat(device.publish("$CONTROL/dynamic-security/v1", BYTES, false)).isFalse();
        }
    }

    @Test
    void connect_withAnothersTokenOrName_isRefused() {
        Operator.Member member = Operator.member("silo", "trec");
        Operator.Member other = Operator.member("other", "trec");

        assertThatThrownBy(() -> TestDevice.connect(member, member.id(), other.token()))
                .isInstanceOf(Mqtt5ConnAckException.class);
        assertThatThrownBy(() -> TestDevice.connect(member, other.id(), member.token()))
                .isInstanceOf(Mqtt5ConnAckException.class);
    }

    @Test
    void revoke_connectedDevice_tellsItAndShutsItOut() throws Exception {
        Operator.Member member = Operator.member("silo", "trec");
        DeviceId id = new DeviceId(member.id());
        try (TestDevice device = TestDevice.connect(member)) {
            device.subscribe(TOPICS.command(id).name());

            Operator.request().delete("/v1/devices/" + id).then().statusCode(200);

            assertThat(Command.parseFrom(device.next().getPayloadAsBytes()).hasRevoke()).isTrue();
            await().atMost(Duration.ofSeconds(30)).until(() -> !device.isConnected());
        }
        assertThatThrownBy(() -> TestDevice.connect(member))
                .isInstanceOf(Mqtt5ConnAckException.class);
    }

    @Test
    void enrol_whileTheBrokerIsAway_keepsTheCode() {
        String code = Operator.invite("late", "trec");
        MosquittoResource.proxy().refuse(true);
        MosquittoResource.proxy().cutAll();
        try {
            await().until(() -> given().get("/q/health/ready").statusCode() == 503);
            Operator.enrol(code).statusCode(503).body("code", equalTo("COORD-4108"));
            assertThat(given().get("/q/health/ready").asString()).contains("COORD-4210");
        } finally {
            MosquittoResource.proxy().refuse(false);
        }
        await().atMost(Duration.ofSeconds(60))
                .until(() -> given().get("/q/health/ready").statusCode() == 200);
        await().atMost(Duration.ofSeconds(60))
                .until(() -> Operator.enrol(code).extract().statusCode() == 201);
    }

    private static EdgeListener atFirstScores(AtomicBoolean done, Runnable action) {
        return new EdgeListener() {
            @Override
            public void scored(TaskName task, RoundNumber round, int samples, Duration duration) {
                if (!done.getAndSet(true)) {
                    action.run();
                }
            }
        };
    }

    private static void cutForTwoSeconds() {
        MosquittoResource.proxy().refuse(true);
        MosquittoResource.proxy().cutAll();
        CompletableFuture.delayedExecutor(2, TimeUnit.SECONDS)
                .execute(() -> MosquittoResource.proxy().refuse(false));
    }

    private static void assertAllReported(String task) {
        Operator.request()
                .get("/v1/tasks/" + task + "/rounds/1")
                .then()
                .body("scoreReports", equalTo(DEVICES))
                .body("trainingReports", equalTo(DEVICES))
                .body("lateReports", equalTo(0));
    }

    /** A receipt that was lost comes when the report is sent again, after half a minute. */
    private static void assertAccepted(LearningDevices devices) {
        devices.clients()
                .forEach(
                        device ->
                                await().atMost(Duration.ofSeconds(60))
                                        .until(
                                                () ->
                                                        device.ledger().stream()
                                                                .map(LedgerEntry::status)
                                                                .allMatch(
                                                                        status ->
                                                                                status.equals(
                                                                                                "accepted")
                                                                                        || status
                                                                                                .equals(
                                                                                                        "duplicate"))));
    }

    private static String permissions(Path file) throws Exception {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }
}
