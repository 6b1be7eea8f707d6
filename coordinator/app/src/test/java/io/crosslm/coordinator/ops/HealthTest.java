package io.crosslm.coordinator.ops;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.equalTo;

import io.crosslm.coordinator.FreshDataFolder;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(FreshDataFolder.class)
class HealthTest {
    @Test
    void health_afterStart_answersUp() {
        given().get("/q/health").then().statusCode(200);
    }

    @Test
    void ready_afterStart_namesBrokerAndStart() {
        given().get("/q/health/ready")
                .then()
                .statusCode(200)
                .body("checks.find { it.name == 'coordinator' }.status", equalTo("UP"))
                .body("checks.find { it.name == 'coordinator' }.data.broker", equalTo(true))
                .body("checks.find { it.name == 'coordinator' }.data.started", equalTo(true));
    }
}
