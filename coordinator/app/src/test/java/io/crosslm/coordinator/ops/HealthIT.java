package io.crosslm.coordinator.ops;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;

import io.crosslm.coordinator.mqtt.Mosquitto;
import io.crosslm.coordinator.mqtt.PlainMosquitto;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusIntegrationTest;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** Health of the program as it is packed. */
@QuarkusIntegrationTest
@QuarkusTestResource(value = PlainMosquitto.class, restrictToAnnotatedClass = true)
class HealthIT extends HealthTest {
    @BeforeAll
    static void requireBroker() {
        Mosquitto.require();
    }

    @BeforeEach
    void awaitBroker() {
        await().atMost(Duration.ofSeconds(60))
                .until(() -> given().get("/q/health/ready").statusCode() == 200);
    }
}
