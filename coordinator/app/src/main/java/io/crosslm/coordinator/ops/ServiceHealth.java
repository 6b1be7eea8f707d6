package io.crosslm.coordinator.ops;

import io.crosslm.coordinator.mqtt.Fleet;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;

/** Ready once the start is through, and while the broker has the coordinator's own connection. */
@org.eclipse.microprofile.health.Readiness
@ApplicationScoped
final class ServiceHealth implements HealthCheck {
    private final Readiness readiness;
    private final Fleet fleet;

    ServiceHealth(Readiness readiness, Fleet fleet) {
        this.readiness = readiness;
        this.fleet = fleet;
    }

    @Override
    public HealthCheckResponse call() {
        boolean broker = fleet.isConnected();
        return HealthCheckResponse.named("coordinator")
                .status(readiness.isReady() && broker)
                .withData("started", readiness.isReady())
                .withData("broker", broker)
                .build();
    }
}
