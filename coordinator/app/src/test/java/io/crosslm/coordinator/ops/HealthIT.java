package io.crosslm.coordinator.ops;

import io.crosslm.coordinator.mqtt.Mosquitto;
import io.crosslm.coordinator.mqtt.PackedService;
import io.crosslm.coordinator.mqtt.PlainMosquitto;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusIntegrationTest;
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
    void awaitReady() {
        PackedService.awaitReady();
    }
}
