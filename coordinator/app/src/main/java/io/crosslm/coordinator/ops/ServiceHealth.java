package io.crosslm.coordinator.ops;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.mqtt.Fleet;
import io.crosslm.coordinator.tls.CertificateRenewal;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;

/**
 * Ready once the start is through, and while the broker has the coordinator's own connection; else
 * it says why not.
 */
@org.eclipse.microprofile.health.Readiness
@ApplicationScoped
final class ServiceHealth implements HealthCheck {
    private final Readiness readiness;
    private final Fleet fleet;
    private final CertificateRenewal certificate;

    ServiceHealth(Readiness readiness, Fleet fleet, CertificateRenewal certificate) {
        this.readiness = readiness;
        this.fleet = fleet;
        this.certificate = certificate;
    }

    @Override
    public HealthCheckResponse call() {
        boolean broker = fleet.isConnected();
        HealthCheckResponseBuilder answer =
                HealthCheckResponse.named("coordinator")
                        .status(readiness.isReady() && broker)
                        .withData("started", readiness.isReady())
                        .withData("broker", broker);
        fleet.problem()
                .map(CoordinatorException::getMessage)
                .ifPresent(problem -> answer.withData("problem", problem));
        certificate.end().ifPresent(end -> answer.withData("certificateEnds", end.toString()));
        certificate.problem().ifPresent(problem -> answer.withData("certificate", problem));
        return answer.build();
    }
}
