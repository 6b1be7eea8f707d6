package io.crosslm.coordinator.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import io.crosslm.coordinator.FreshDataFolder;
import io.crosslm.coordinator.Operator;
import io.crosslm.coordinator.device.OnlineDevices;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.TaskName;
import io.crosslm.protocol.TenantId;
import io.crosslm.protocol.topic.Topics;
import io.crosslm.protocol.wire.Command;
import io.crosslm.protocol.wire.CoordinatorState;
import io.crosslm.protocol.wire.DeviceState;
import io.crosslm.protocol.wire.Receipt;
import io.crosslm.protocol.wire.ReceiptStatus;
import io.crosslm.protocol.wire.Report;
import io.crosslm.protocol.wire.ScoreReport;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(FreshDataFolder.class)
class BrokerGateTest {
    private static final Topics TOPICS = Topics.of(TenantId.DEFAULT);
    private static final byte[] BYTES = {1, 2, 3};

    @Inject OnlineDevices online;

    private Operator.Member member;
    private DeviceId id;
    private Operator.Member other;
    private DeviceId otherId;

    @BeforeEach
    void enrolTwoDevices() {
        member = Operator.member("silo", "trec");
        id = new DeviceId(member.id());
        other = Operator.member("other", "trec");
        otherId = new DeviceId(other.id());
    }

    @Test
    void connect_withWrongToken_isRefused() {
        assertThatThrownBy(() -> TestDevice.connect(member, member.id(), other.token()))
                .isInstanceOf(Mqtt5ConnAckException.class);
    }

    @Test
    void connect_underForeignId_isRefused() {
        assertThatThrownBy(() -> TestDevice.connect(member, other.id(), member.token()))
                .isInstanceOf(Mqtt5ConnAckException.class);
    }

    @Test
    void connect_asTheCoordinator_isRefused() {
        assertThatThrownBy(() -> TestDevice.connect(member, CoordinatorClient.ID, member.token()))
                .isInstanceOf(Mqtt5ConnAckException.class);
    }

    @Test
    void publish_toOwnTopics_isTaken() {
        try (TestDevice device = TestDevice.connect(member)) {
            assertThat(device.publish(TOPICS.report(id).name(), BYTES, false)).isTrue();
        }
    }

    @Test
    void publish_underAnothersId_isRefused() {
        try (TestDevice device = TestDevice.connect(member)) {
            assertThat(device.publish(TOPICS.report(otherId).name(), BYTES, false)).isFalse();
        }
    }

    @Test
    void publish_withQosZero_isRefused() {
        try (TestDevice device = TestDevice.connect(member)) {
            device.publishAtMostOnce(TOPICS.report(id).name(), BYTES);

            await().until(() -> !device.isConnected());
        }
    }

    @Test
    void publish_announcement_isRefused() {
        try (TestDevice device = TestDevice.connect(member)) {
            String topic = TOPICS.announcement(new TaskName("trec")).name();

            assertThat(device.publish(topic, BYTES, true)).isFalse();
        }
    }

    @Test
    void subscribe_toWhatTheDeviceNeeds_isTaken() {
        TaskName task = new TaskName("trec");
        try (TestDevice device = TestDevice.connect(member)) {
            assertThat(device.subscribe(TOPICS.command(id).name())).isTrue();
            assertThat(device.subscribe(TOPICS.announcement(task).name())).isTrue();
            assertThat(device.subscribe(TOPICS.batchFilter(task, new RoundNumber(1)))).isTrue();
            assertThat(device.subscribe(TOPICS.poolFilter(task, new RoundNumber(1)))).isTrue();
        }
    }

    @Test
    void subscribe_toAnothersCommands_isRefused() {
        try (TestDevice device = TestDevice.connect(member)) {
            assertThat(device.subscribe(TOPICS.command(otherId).name())).isFalse();
        }
    }

    @Test
    void subscribe_toAnotherTask_isRefused() {
        try (TestDevice device = TestDevice.connect(member)) {
            String topic = TOPICS.announcement(new TaskName("sst2")).name();

            assertThat(device.subscribe(topic)).isFalse();
        }
    }

    @Test
    void subscribe_toEverything_isRefused() {
        try (TestDevice device = TestDevice.connect(member)) {
            assertThat(device.subscribe("#")).isFalse();
            assertThat(device.subscribe("crosslm/v1/default/d/+/command")).isFalse();
            assertThat(device.subscribe(TOPICS.reportFilter())).isFalse();
        }
    }

    @Test
    void subscribe_toCoordinatorState_tellsThatItIsOnline() throws Exception {
        try (TestDevice device = TestDevice.connect(member)) {
            device.subscribe(TOPICS.coordinatorState().name());

            CoordinatorState state = CoordinatorState.parseFrom(device.next().getPayloadAsBytes());

            assertThat(state.getOnline()).isTrue();
            assertThat(state.getEpoch()).isEqualTo(1);
        }
    }

    @Test
    void birth_ofDevice_makesItOnline() {
        try (TestDevice device = TestDevice.connect(member)) {
            device.publish(TOPICS.deviceState(id).name(), birth(true), true);

            await().until(() -> online.isOnline(id));

            device.publish(TOPICS.deviceState(id).name(), birth(false), true);
            await().until(() -> !online.isOnline(id));
        }
    }

    @Test
    void report_withImpossibleLengths_isAnsweredAsRejected() throws Exception {
        ScoreReport impossible =
                ScoreReport.newBuilder()
                        .setTask("trec")
                        .setRound(1)
                        .setReportId(ByteString.copyFrom(new byte[16]))
                        .setSampleCount(Integer.MAX_VALUE)
                        .build();
        try (TestDevice device = TestDevice.connect(member)) {
            device.subscribe(TOPICS.command(id).name());
            device.publish(
                    TOPICS.report(id).name(),
                    Report.newBuilder().setScores(impossible).build().toByteArray(),
                    false);

            Receipt receipt = Command.parseFrom(device.next().getPayloadAsBytes()).getReceipt();

            assertThat(receipt.getStatus()).isEqualTo(ReceiptStatus.RECEIPT_STATUS_REJECTED);
            assertThat(receipt.getReportId()).isEqualTo(impossible.getReportId());
            assertThat(receipt.getCode()).startsWith("PROTO-");
        }
    }

    @Test
    void revoke_connectedDevice_tellsItAndShutsItOut() throws Exception {
        try (TestDevice device = TestDevice.connect(member)) {
            device.subscribe(TOPICS.command(id).name());

            Operator.request().delete("/v1/devices/" + id).then().statusCode(200);

            assertThat(Command.parseFrom(device.next().getPayloadAsBytes()).hasRevoke()).isTrue();
            await().until(() -> !device.isConnected());
        }
        assertThatThrownBy(() -> TestDevice.connect(member))
                .isInstanceOf(Mqtt5ConnAckException.class);
    }

    private static byte[] birth(boolean isOnline) {
        return DeviceState.newBuilder()
                .setOnline(isOnline)
                .setBootId(ByteString.copyFrom(new byte[16]))
                .setSdkVersion("test")
                .build()
                .toByteArray();
    }
}
