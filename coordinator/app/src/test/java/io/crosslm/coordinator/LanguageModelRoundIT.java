package io.crosslm.coordinator;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.matchesPattern;

import io.crosslm.coordinator.mqtt.Mosquitto;
import io.crosslm.coordinator.mqtt.MosquittoResource;
import io.crosslm.edge.EdgeClient;
import io.crosslm.edge.EdgeListener;
import io.crosslm.edge.onnx.OnnxEngine;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusIntegrationTest;
import io.restassured.RestAssured;
import io.restassured.config.SSLConfig;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A whole round of the program as it is packed: the real language model writes, scores and is
 * tuned; real devices on ONNX Runtime meet it at a mosquitto with TLS.
 */
@QuarkusIntegrationTest
@QuarkusTestResource(value = FreshDataFolder.class, restrictToAnnotatedClass = true)
@QuarkusTestResource(value = MosquittoResource.class, restrictToAnnotatedClass = true)
@QuarkusTestResource(value = RealLanguageModel.class, restrictToAnnotatedClass = true)
class LanguageModelRoundIT {
    private static final int DEVICES = 2;
    private static final String TASK = "weather-notes";

    @BeforeAll
    static void requireModelAndBroker() {
        Mosquitto.require();
        RealLanguageModel.require();
    }

    @BeforeEach
    void awaitBroker() throws Exception {
        RestAssured.baseURI = "https://127.0.0.1";
        MosquittoResource.broker();
        RestAssured.config =
                RestAssured.config()
                        .sslConfig(
                                SSLConfig.sslConfig()
                                        .trustStore(TrustStores.of(MosquittoResource.authority())));
        await().atMost(Duration.ofSeconds(60))
                .until(() -> given().get("/q/health/ready").statusCode() == 200);
    }

    @Test
    void round_withTheRealModel_tunesItAndTeachesTheDevices(@TempDir Path storage) {
        try (LearningDevices devices =
                new LearningDevices(storage, TASK, OnnxEngine.engine(), RealLanguageModel.QUICK)) {
            for (int i = 0; i < DEVICES; i++) {
                devices.join(EdgeListener.noop());
            }
            devices.run(1);

            Operator.request()
                    .get("/v1/tasks/" + TASK + "/rounds/1")
                    .then()
                    .body("scoreReports", equalTo(DEVICES))
                    .body("trainingReports", equalTo(DEVICES))
                    .body("outcome.adapter", matchesPattern("[0-9a-f]{64}"))
                    .body("outcome.devices[0].poolSamples", greaterThan(0));
            for (EdgeClient device : devices.clients()) {
                assertThat(device.classify(TASK, "grey and wet all day").probability())
                        .isBetween(0.5, 1.0);
            }
        }
    }
}
