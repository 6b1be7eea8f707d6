package io.crosslm.coordinator.api;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.startsWith;

import io.crosslm.coordinator.FreshDataFolder;
import io.crosslm.coordinator.Operator;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(FreshDataFolder.class)
class EnrolmentTest {
    @Test
    void enrol_withCode_givesCredentialAndAddresses() {
        Operator.enrol(Operator.invite("silo 1", "trec"))
                .statusCode(201)
                .body("deviceId", startsWith("silo-1-"))
                .body("tenant", equalTo("default"))
                .body("brokerUri", startsWith("tcp://127.0.0.1:"))
                .body("coordinatorUri", startsWith("http://127.0.0.1:"));
    }

    @Test
    void enrol_withUsedCode_isRefused() {
        String code = Operator.invite("silo-2", "trec");
        Operator.enrol(code).statusCode(201);

        Operator.enrol(code).statusCode(403).body("code", equalTo("COORD-4104"));
    }

    @Test
    void enrol_withInventedCode_isRefused() {
        Operator.enrol("invented").statusCode(403).body("code", equalTo("COORD-4104"));
    }

    @Test
    void invite_withoutTask_isRefused() {
        Operator.request()
                .contentType(ContentType.JSON)
                .body("{\"name\":\"silo\"}")
                .post("/v1/enrolment-codes")
                .then()
                .statusCode(400)
                .contentType("application/problem+json")
                .body("detail", containsString("tasks: expected 1 to 64"));
    }

    @Test
    void invite_withBadTaskName_namesTheRule() {
        Operator.request()
                .contentType(ContentType.JSON)
                .body("{\"tasks\":[\"Not A Task\"]}")
                .post("/v1/enrolment-codes")
                .then()
                .statusCode(400)
                .body("detail", containsString("a task name has 1 to 64 characters"));
    }

    @Test
    void invite_withBrokenJson_tellsThePosition() {
        Operator.request()
                .contentType(ContentType.JSON)
                .body("{\"name\":")
                .post("/v1/enrolment-codes")
                .then()
                .statusCode(400)
                .body("code", equalTo("COORD-4005"))
                .body("detail", containsString("line 1"));
    }

    @Test
    void devices_withoutToken_areRefused() {
        given().get("/v1/devices")
                .then()
                .statusCode(401)
                .header("WWW-Authenticate", "Bearer")
                .body("code", equalTo("COORD-4101"));
    }

    @Test
    void devices_withDeviceToken_areRefused() {
        Operator.Member member = Operator.member("silo-3", "trec");

        given().header("Authorization", "Bearer " + member.token())
                .get("/v1/devices")
                .then()
                .statusCode(401);
    }

    @Test
    void devices_afterEnrolment_listTheDeviceWithoutItsToken() {
        Operator.Member member = Operator.member("silo-4", "trec", "sst2");

        String body =
                Operator.request()
                        .get("/v1/devices")
                        .then()
                        .statusCode(200)
                        .body("devices.id", hasItem(member.id()))
                        .extract()
                        .asString();

        assertThat(body).doesNotContain(member.token());
    }

    @Test
    void device_unknown_isNotFound() {
        Operator.request()
                .get("/v1/devices/nobody")
                .then()
                .statusCode(404)
                .body("code", equalTo("COORD-4103"));
    }

    @Test
    void path_unknown_isNotFound() {
        Operator.request()
                .get("/v1/nothing")
                .then()
                .statusCode(404)
                .contentType("application/problem+json")
                .body("code", equalTo("COORD-4102"));
    }

    @Test
    void openapi_always_listsThePathsWithSummaries() {
        given().accept(ContentType.JSON)
                .get("/q/openapi")
                .then()
                .statusCode(200)
                .body("paths.'/v1/devices'.get.summary", startsWith("List all devices"))
                .body("paths.'/v1/artifacts/{sha256}'.get.summary", startsWith("Get an artifact"));
    }
}
