package io.crosslm.coordinator.ops;

import io.crosslm.coordinator.config.CoordinatorConfig;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.nio.file.Files;
import org.flywaydb.core.Flyway;

/** Brings the service up in order: folder, database. Later observers find both in place. */
@ApplicationScoped
final class StartSequence {
    private final CoordinatorConfig config;
    private final Flyway flyway;

    StartSequence(CoordinatorConfig config, Flyway flyway) {
        this.config = config;
        this.flyway = flyway;
    }

    void openStorage(@Observes @Priority(10) StartupEvent event) throws IOException {
        Files.createDirectories(config.dataDir());
        flyway.migrate();
    }
}
