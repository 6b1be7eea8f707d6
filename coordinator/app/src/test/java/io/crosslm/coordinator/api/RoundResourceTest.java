package io.crosslm.coordinator.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import com.google.protobuf.ByteString;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.crosslm.coordinator.FreshDataFolder;
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
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Rounds over REST, the database and the real broker, with models that are not. */
@QuarkusTest
@QuarkusTestResource(FreshDataFolder.class)
class RoundResourceTest {
    private static final Topics TOPICS = Topics.of(TenantId.DEFAULT);

    @Test
    void plan_withADevice_runsTheRoundToItsEnd() throws InterruptedException {
        addTask("whole-round", "\"minimumReports\": 1, \"quorum\": 1");
        Operator.Member member = Operator.member("silo", "whole-round");
        try (TestDevice device = TestDevice.connect(member)) {
            beOnline(device, member, "whole-round");
            plan("whole-round", 1).statusCode(202).body("rounds", contains(1));

            answer(device, member.id(), "whole-round", Step.STEP_SCORING);
            answer(device, member.id(), "whole-round", Step.STEP_TRAINING);
            awaitStep("whole-round", 1, "CLOSED");
        }

        show("whole-round", 1)
                .body("steps.step", hasSize(7))
                .body("steps[0].seconds", notNullValue())
                .body("steps[6].seconds", nullValue())
                .body("reason", nullValue())
                .body("selected", equalTo(1))
                .body("scoreReports", equalTo(1))
                .body("trainingReports", equalTo(1))
                .body("generation.samples", equalTo(32))
                .body("outcome.devices", hasSize(1))
                .body("outcome.devices[0].device", equalTo(member.id()))
                .body("outcome.devices[0].withPool.validation.total", equalTo(16))
                .body("outcome.llm.adapterKept", equalTo(true))
                .body("outcome.pool.size", greaterThan(0))
                .body("outcome.bytes.up", greaterThan(0));
        Operator.request()
                .get("/v1/tasks/whole-round/rounds")
                .then()
                .body("rounds.round", contains(1));
        Operator.request()
                .get("/v1/samples?task=whole-round&round=1&limit=10&offset=2")
                .then()
                .statusCode(200)
                .body("total", equalTo(32))
                .body("labels", contains("sun", "rain"))
                .body("samples", hasSize(10))
                .body("samples[0].index", equalTo(2))
                .body("samples.fused", everyItem(hasSize(2)))
                .body("samples[0].devices.'" + member.id() + "'", hasSize(2));
    }

    @Test
    void cancel_waitingRound_endsIt() {
        addTask("cancelled", "\"minimumReports\": 1");
        plan("cancelled", 1);
        awaitStep("cancelled", 1, "SCORING");

        Operator.request()
                .post("/v1/tasks/cancelled/rounds/1/cancel")
                .then()
                .statusCode(200)
                .body("step", equalTo("CANCELLED"))
                .body("reason", equalTo("cancelled by the operator"));
        Operator.request()
                .post("/v1/tasks/cancelled/rounds/1/cancel")
                .then()
                .statusCode(409)
                .body("code", equalTo("COORD-4006"));
    }

    @Test
    void show_unknownRound_isNotFound() {
        addTask("no-rounds", "");

        Operator.request()
                .get("/v1/tasks/no-rounds/rounds/3")
                .then()
                .statusCode(404)
                .body("code", equalTo("COORD-4004"));
    }

    @Test
    void plan_badCount_isRefused() {
        addTask("bad-count", "");

        plan("bad-count", 0)
                .statusCode(400)
                .body("detail", containsString("count: expected 1 to 1000 rounds but got 0"));
    }

    @Test
    void samples_withoutRound_areRefused() {
        Operator.request()
                .get("/v1/samples?task=any")
                .then()
                .statusCode(400)
                .body("detail", containsString("task and round"));
    }

    private static void addTask(String name, String settings) {
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

    private static ValidatableResponse plan(String task, int count) {
        return Operator.request()
                .contentType(ContentType.JSON)
                .body(Map.of("count", count))
                .post("/v1/tasks/" + task + "/rounds")
                .then();
    }

    private static ValidatableResponse show(String task, int round) {
        return Operator.request()
                .get("/v1/tasks/" + task + "/rounds/" + round)
                .then()
                .statusCode(200);
    }

    private static void awaitStep(String task, int round, String step) {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> show(task, round).extract().path("step").equals(step));
    }

    private static void beOnline(TestDevice device, Operator.Member member, String task) {
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
    private static void answer(TestDevice device, String id, String task, Step step)
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
