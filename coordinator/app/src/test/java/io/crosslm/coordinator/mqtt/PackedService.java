package io.crosslm.coordinator.mqtt;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;

import java.time.Duration;

/** The program as it is packed, which answers before it has everything. */
public final class PackedService {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private PackedService() {}

    /** Waits until it has its broker and does what it is asked. */
    public static void awaitReady() {
        await().atMost(PATIENCE).until(() -> given().get("/q/health/ready").statusCode() == 200);
    }
}
