package io.crosslm.coordinator.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.crosslm.coordinator.Operator;
import io.crosslm.coordinator.mqtt.TestDevice;
import io.crosslm.coordinator.round.FakeDevice;
import io.crosslm.coordinator.task.Tasks;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.TaskName;
import io.crosslm.protocol.TenantId;
import io.crosslm.protocol.topic.Topic;
import io.crosslm.protocol.topic.Topics;
import io.crosslm.protocol.wire.Announcement;
import io.crosslm.protocol.wire.DeviceState;
import io.crosslm.protocol.wire.ReceiptStatus;
import io.crosslm.protocol.wire.Report;
import io.crosslm.protocol.wire.Step;
import io.crosslm.protocol.wire.WireReader;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** What an operator and a device do in tests of whole rounds over REST and the broker. */
public final class RoundScript {
    private static final Topics TOPICS = Topics.of(TenantId.DEFAULT);

    private RoundScript() {}

    public static void addTask(String name, String settings) {
        String more = "\"samplesPerRound\": 32, \"completionsPerPrompt\": 4";
        String json =
                Tasks.weather(settings.isEmpty() ? more : more + ", " + settings)
                        .toJson()
                        .replace("\"name\":\"weather\"", "\"name\":\"" + name + '"');
        Operator.request()
                .contentType(ContentType.JSON)
                .body(json)
                .post("/v1/tasks")
                .then()
                .statusCode(201);
    }

    public static ValidatableResponse plan(String task, int count) {
        return Operator.request()
                .contentType(ContentType.JSON)
                .body(Map.of("count", count))
                .post("/v1/tasks/" + task + "/rounds")
                .then();
    }

    public static ValidatableResponse show(String task, int round) {
        return Operator.request()
                .get("/v1/tasks/" + task + "/rounds/" + round)
                .then()
                .statusCode(200);
    }

    public static void awaitStep(String task, int round, String step) {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> show(task, round).extract().path("step").equals(step));
    }

    public static void beOnline(TestDevice device, Operator.Member member, String task) {
        DeviceId id = new DeviceId(member.id());
        device.subscribe(TOPICS.announcement(new TaskName(task)).name());
        device.subscribe(TOPICS.command(id).name());
        DeviceState birth =
                DeviceState.newBuilder()
                        .setOnline(true)
                        .setBootId(ByteString.copyFrom(new byte[16]))
                        .setSessionNumber(1)
                        .build();
        device.publish(TOPICS.deviceState(id).name(), birth.toByteArray(), true);
    }

    /** Waits for the announcement of a step and its parts, reports, and waits for the receipt. */
    public static void answer(TestDevice device, String id, String task, Step step)
            throws InterruptedException {
        Announcement announcement = Announcement.getDefaultInstance();
        while (announcement.getStep() != step) {
            Mqtt5Publish message = device.next();
            if (topic(message) instanceof Topic.TaskAnnouncement
                    && message.getPayloadAsBytes().length > 0) {
                announcement = WireReader.announcement(message.getPayloadAsBytes());
            }
        }
        boolean scores = step == Step.STEP_SCORING;
        TaskName name = new TaskName(task);
        RoundNumber round = new RoundNumber(announcement.getRound());
        device.subscribe(scores ? TOPICS.batchFilter(name, round) : TOPICS.poolFilter(name, round));
        Map<Integer, byte[]> parts = new TreeMap<>();
        while (parts.size() < FakeDevice.references(announcement).size()) {
            Mqtt5Publish message = device.next();
            if (topic(message) instanceof Topic.BatchPart part) {
                parts.put(part.part(), message.getPayloadAsBytes());
            } else if (topic(message) instanceof Topic.PoolPart part) {
                parts.put(part.part(), message.getPayloadAsBytes());
            }
        }
        List<byte[]> payloads = IntStream.range(0, parts.size()).mapToObj(parts::get).toList();
        Report report =
                scores
                        ? FakeDevice.scores(id, announcement, payloads)
                        : FakeDevice.training(id, announcement, payloads, 13);
        device.publish(TOPICS.report(new DeviceId(id)).name(), report.toByteArray(), false);
        Mqtt5Publish message = device.next();
        while (!(topic(message) instanceof Topic.DeviceCommand)) {
            message = device.next();
        }
        assertThat(WireReader.command(message.getPayloadAsBytes()).getReceipt().getStatus())
                .isEqualTo(ReceiptStatus.RECEIPT_STATUS_ACCEPTED);
    }

    private static Topic topic(Mqtt5Publish message) {
        return Topics.parse(message.getTopic().toString());
    }
}
