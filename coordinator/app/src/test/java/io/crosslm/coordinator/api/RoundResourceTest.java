package io.crosslm.coordinator.api;

import static io.crosslm.coordinator.api.RoundScript.addTask;
import static io.crosslm.coordinator.api.RoundScript.answer;
import static io.crosslm.coordinator.api.RoundScript.awaitStep;
import static io.crosslm.coordinator.api.RoundScript.beOnline;
import static io.crosslm.coordinator.api.RoundScript.plan;
import static io.crosslm.coordinator.api.RoundScript.show;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import io.crosslm.coordinator.FreshDataFolder;
import io.crosslm.coordinator.Operator;
import io.crosslm.coordinator.mqtt.TestDevice;
import io.crosslm.protocol.wire.Step;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.Test;

/** Rounds over REST, the database and the real broker, with models that are not. */
@QuarkusTest
@QuarkusTestResource(FreshDataFolder.class)
class RoundResourceTest {
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
                .body("rounds.round", contains(1))
                .body("rounds[0].scoreReports", equalTo(1))
                .body("rounds[0].outcome", nullValue());
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
    void list_moreThanTheLimit_givesTheNewestFirst() {
        addTask("many-rounds", "\"minimumReports\": 1");
        plan("many-rounds", 51).statusCode(202);

        Operator.request()
                .get("/v1/tasks/many-rounds/rounds?limit=2")
                .then()
                .statusCode(200)
                .body("rounds.round", contains(51, 50))
                .body("total", equalTo(51));
        Operator.request()
                .get("/v1/tasks/many-rounds/rounds")
                .then()
                .body("rounds", hasSize(50))
                .body("rounds[49].round", equalTo(2));
        for (int round = 51; round > 0; round--) {
            Operator.request().post("/v1/tasks/many-rounds/rounds/" + round + "/cancel");
        }
    }

    @Test
    void list_badLimit_isRefused() {
        addTask("bad-limit", "");

        Operator.request()
                .get("/v1/tasks/bad-limit/rounds?limit=0")
                .then()
                .statusCode(400)
                .body("detail", containsString("limit: expected 1 to 1000 rounds but got 0"));
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
}
