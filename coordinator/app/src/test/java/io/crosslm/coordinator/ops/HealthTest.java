package io.crosslm.coordinator.ops;

import static io.restassured.RestAssured.given;

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
}
