package io.crosslm.coordinator.api;

import static io.crosslm.coordinator.api.RoundScript.addTask;
import static io.crosslm.coordinator.api.RoundScript.answer;
import static io.crosslm.coordinator.api.RoundScript.awaitStep;
import static io.crosslm.coordinator.api.RoundScript.beOnline;
import static io.crosslm.coordinator.api.RoundScript.plan;
import static io.crosslm.coordinator.api.RoundScript.show;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;

import io.crosslm.coordinator.FreshDataFolder;
import io.crosslm.coordinator.Operator;
import io.crosslm.coordinator.mqtt.TestDevice;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.format.PeftAdapter;
import io.crosslm.protocol.Sha256;
import io.crosslm.protocol.wire.Step;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(FreshDataFolder.class)
class AdapterResourceTest {
    @Test
    void download_afterARound_isTheAdapterThatWasKept() throws InterruptedException {
        addTask("adapted", "\"minimumReports\": 1, \"quorum\": 1");
        Operator.Member member = Operator.member("silo", "adapted");
        try (TestDevice device = TestDevice.connect(member)) {
            beOnline(device, member, "adapted");
            plan("adapted", 1);
            answer(device, member.id(), "adapted", Step.STEP_SCORING);
            answer(device, member.id(), "adapted", Step.STEP_TRAINING);
            awaitStep("adapted", 1, "CLOSED");
        }
        String hash = show("adapted", 1).extract().path("outcome.adapter");
        byte[] zip =
                Operator.request()
                        .get("/v1/tasks/adapted/adapters/latest")
                        .then()
                        .statusCode(200)
                        .header("ETag", '"' + hash + '"')
                        .contentType("application/zip")
                        .extract()
                        .asByteArray();

        assertThat(Sha256.of(Sha256.digest().digest(zip)).hex()).isEqualTo(hash);
        Adapter adapter = PeftAdapter.ofZip(Path.of("latest"), zip);
        assertThat(adapter.layers()).isNotEmpty();
        Operator.request()
                .get("/v1/tasks/adapted/adapters")
                .then()
                .statusCode(200)
                .body("adapters.round", contains(1))
                .body("adapters.sha256", contains(hash))
                .body("adapters.bytes", contains(zip.length))
                .body("adapters.fate", contains("CURRENT"));
        Operator.request()
                .header("If-None-Match", '"' + hash + '"')
                .get("/v1/tasks/adapted/adapters/1")
                .then()
                .statusCode(304)
                .header("ETag", '"' + hash + '"');
    }

    @Test
    void download_taskWithoutRounds_hasNone() {
        addTask("unadapted", "");

        Operator.request()
                .get("/v1/tasks/unadapted/adapters/latest")
                .then()
                .statusCode(404)
                .contentType("application/problem+json")
                .body("code", equalTo("COORD-4105"));
        Operator.request()
                .get("/v1/tasks/unadapted/adapters/first")
                .then()
                .statusCode(400)
                .body("code", equalTo("COORD-4005"));
    }

    @Test
    void list_deviceToken_isRefused() {
        Operator.Member member = Operator.member("reader", "any");

        given().header("Authorization", "Bearer " + member.token())
                .get("/v1/tasks/any/adapters")
                .then()
                .statusCode(401);
    }
}
