package io.crosslm.coordinator.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.Operator;
import io.crosslm.coordinator.device.DeviceRegistry;
import io.crosslm.coordinator.device.Enrolment;
import io.crosslm.coordinator.device.Secret;
import io.crosslm.coordinator.storage.TestDatabase;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.TaskName;
import io.crosslm.protocol.TenantId;
import io.crosslm.protocol.topic.Topics;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The accounts that the coordinator keeps at a mosquitto. */
final class DynamicSecurityTest {
    private static final Topics TOPICS = Topics.of(TenantId.DEFAULT);
    private static final TaskName TASK = new TaskName("trec");
    private static final String PASSWORD = "password-of-the-administrator";
    private static final byte[] BYTES = {1, 2, 3};

    @TempDir private Path folder;

    private final SecureRandom random = new SecureRandom();
    private DeviceRegistry registry;
    private Mosquitto broker;
    private DynamicSecurity access;

    @BeforeEach
    void startBroker() {
        Mosquitto.require();
        registry =
                DeviceRegistry.open(
                        TestDatabase.open(folder.resolve("test.db")), Clock.systemUTC(), random);
        broker =
                Mosquitto.start(
                        folder,
                        Mosquitto.freePort(),
                        Mosquitto.dynamicSecurity(folder, "crosslm", PASSWORD));
    }

    @AfterEach
    void stop() {
        if (access != null) {
            access.close();
        }
        if (broker != null) {
            broker.close();
        }
    }

    @Test
    void coordinator_thatMayOnlyAdminister_isLetInForTheProtocolsTopics() throws Exception {
        open();

        try (TestDevice coordinator = connect("crosslm", PASSWORD)) {
            assertThat(coordinator.subscribe(TOPICS.reportFilter())).isTrue();
            assertThat(coordinator.publish(TOPICS.announcement(TASK).name(), BYTES, true)).isTrue();
        }
    }

    @Test
    void device_afterItsEnrolment_mayWhatItNeedsAndNothingElse() throws Exception {
        open();
        DeviceId other = enrol("other").device().id();
        Enrolment enrolment = enrol("silo");
        DeviceId id = enrolment.device().id();

        try (TestDevice device = connect(id.value(), enrolment.token().reveal())) {
            assertThat(device.publish(TOPICS.report(id).name(), BYTES, false)).isTrue();
            assertThat(device.publish(TOPICS.deviceState(id).name(), BYTES, true)).isTrue();
            assertThat(device.publish(TOPICS.error(id).name(), BYTES, false)).isTrue();
            assertThat(device.subscribe(TOPICS.command(id).name())).isTrue();
            assertThat(device.subscribe(TOPICS.coordinatorState().name())).isTrue();
            assertThat(device.subscribe(TOPICS.announcement(TASK).name())).isTrue();
            assertThat(device.subscribe(TOPICS.batchFilter(TASK, new RoundNumber(7)))).isTrue();
            assertThat(device.subscribe(TOPICS.poolFilter(TASK, new RoundNumber(7)))).isTrue();

            assertThat(device.subscribe("#")).isFalse();
            assertThat(device.subscribe("crosslm/v1/default/t/trec/#")).isFalse();
            assertThat(device.subscribe("crosslm/v1/default/d/+/command")).isFalse();
            assertThat(device.subscribe(TOPICS.command(other).name())).isFalse();
            assertThat(device.subscribe(TOPICS.reportFilter())).isFalse();
            assertThat(device.subscribe("$CONTROL/dynamic-security/v1/response")).isFalse();
            assertThat(device.subscribe(TOPICS.announcement(new TaskName("sst2")).name()))
                    .isFalse();
            assertThat(device.publish(TOPICS.report(other).name(), BYTES, false)).isFalse();
            assertThat(device.publish(TOPICS.command(other).name(), BYTES, false)).isFalse();
            assertThat(device.publish(TOPICS.announcement(TASK).name(), BYTES, true)).isFalse();
            assertThat(device.publish("$CONTROL/dynamic-security/v1", BYTES, false)).isFalse();
        }
    }

    @Test
    void device_thatIsRevoked_isDisconnectedAndRefused() throws Exception {
        open();
        Enrolment enrolment = enrol("silo");
        DeviceId id = enrolment.device().id();
        try (TestDevice device = connect(id.value(), enrolment.token().reveal())) {
            registry.revoke(id);
            access.revoke(id);

            await().atMost(Duration.ofSeconds(20)).until(() -> !device.isConnected());
        }
        assertThatThrownBy(() -> connect(id.value(), enrolment.token().reveal()))
                .isInstanceOf(Mqtt5ConnAckException.class);
    }

    @Test
    void device_thatIsRevokedWhileTheBrokerIsAway_isRefusedWhenItIsBack() throws Exception {
        open();
        Enrolment enrolment = enrol("silo");
        DeviceId id = enrolment.device().id();
        broker.kill();
        await().atMost(Duration.ofSeconds(20)).until(() -> access.problem().isPresent());
        registry.revoke(id);
        access.revoke(id);
        broker.start();
        awaitOpen();

        assertThatThrownBy(() -> connect(id.value(), enrolment.token().reveal()))
                .isInstanceOf(Mqtt5ConnAckException.class);
    }

    @Test
    void enrolment_whileTheBrokerIsAway_isRefusedBeforeTheCodeIsSpent() throws Exception {
        open();
        broker.kill();
        await().atMost(Duration.ofSeconds(20)).until(() -> access.problem().isPresent());

        assertThatThrownBy(access::checkOpen)
                .isInstanceOfSatisfying(
                        CoordinatorException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.BROKER_AWAY));
    }

    @Test
    void device_whoseAccountTheBrokerLost_isNamed() throws Exception {
        open();
        DeviceId id = enrol("silo").device().id();
        access.close();
        broker.kill();
        Files.delete(folder.resolve("dynamic-security.json"));
        Mosquitto.dynamicSecurity(folder, "crosslm", PASSWORD);
        broker.start();
        open();

        await().atMost(Duration.ofSeconds(20)).until(() -> access.problem().isPresent());
        CoordinatorException problem = access.problem().orElseThrow();
        assertThat(problem.code()).isEqualTo(Code.DEVICES_WITHOUT_ACCOUNT);
        assertThat(problem).hasMessageContaining(id.value());
    }

    @Test
    void account_ofNoDevice_isTakenAwayAndOthersAreLeft() throws Exception {
        try (ControlChannel control = control()) {
            JsonObject foreign = ControlChannel.command("createClient");
            foreign.addProperty("username", "thermometer");
            foreign.addProperty("password", "mercury");
            control.run(foreign);
        }
        open();
        Enrolment enrolment = enrol("silo");
        access.close();
        // A coordinator with another database.
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        registry =
                DeviceRegistry.open(
                        TestDatabase.open(elsewhere.resolve("test.db")), Clock.systemUTC(), random);
        open();

        assertThatThrownBy(
                        () -> connect(enrolment.device().id().value(), enrolment.token().reveal()))
                .isInstanceOf(Mqtt5ConnAckException.class);
        connect("thermometer", "mercury").close();
    }

    @Test
    void broker_thatAllowsWhatNoRoleSays_isNotUsed() throws Exception {
        try (ControlChannel control = control()) {
            JsonObject open = ControlChannel.command("setDefaultACLAccess");
            JsonObject rule = new JsonObject();
            rule.addProperty("acltype", "subscribe");
            rule.addProperty("allow", true);
            JsonArray rules = new JsonArray();
            rules.add(rule);
            open.add("acls", rules);
            control.run(open);
        }
        access = new DynamicSecurity(account(), registry, random);
        access.open(() -> {});

        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(
                        () -> {
                            assertThat(access.problem().map(CoordinatorException::code))
                                    .contains(Code.BROKER_ACCESS);
                            assertThat(access.problem().orElseThrow())
                                    .hasMessageContaining("subscribe deny");
                        });
    }

    private void open() throws InterruptedException {
        CountDownLatch ready = new CountDownLatch(1);
        access = new DynamicSecurity(account(), registry, random);
        access.open(ready::countDown);
        assertThat(ready.await(60, TimeUnit.SECONDS)).isTrue();
        awaitOpen();
    }

    private void awaitOpen() {
        await().atMost(Duration.ofSeconds(60))
                .ignoreExceptions()
                .until(
                        () -> {
                            access.checkOpen();
                            return true;
                        });
    }

    private ControlChannel control() {
        ControlChannel control = new ControlChannel(account(), "test", () -> {});
        await().atMost(Duration.ofSeconds(30)).until(control::isUp);
        return control;
    }

    private Enrolment enrol(String name) {
        Secret code =
                registry.invite(Optional.of(name), List.of(TASK), DeviceRegistry.DEFAULT_CODE_LIFE);
        Enrolment enrolment = registry.enrol(code, Optional.empty());
        access.admit(enrolment);
        return enrolment;
    }

    private TestDevice connect(String id, String token) {
        return TestDevice.connect(
                new Operator.Member(
                        id, token, URI.create("tcp://127.0.0.1:" + broker.port()), null));
    }

    private BrokerAccount account() {
        return new BrokerAccount(
                "127.0.0.1",
                broker.port(),
                Optional.empty(),
                Optional.of(new BrokerAccount.Credential("crosslm", Secret.of(PASSWORD))));
    }
}
