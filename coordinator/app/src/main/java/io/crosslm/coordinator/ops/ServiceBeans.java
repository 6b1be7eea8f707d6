package io.crosslm.coordinator.ops;

import io.crosslm.coordinator.artifact.ArtifactStore;
import io.crosslm.coordinator.config.CoordinatorConfig;
import io.crosslm.coordinator.device.DeviceRegistry;
import io.crosslm.coordinator.device.OnlineDevices;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.security.SecureRandom;
import java.time.Clock;
import javax.sql.DataSource;

/** Makes the parts that know nothing of the container. All are made once, at first use. */
@ApplicationScoped
final class ServiceBeans {
    @Produces
    @Singleton
    Clock clock() {
        return Clock.systemUTC();
    }

    @Produces
    @Singleton
    SecureRandom random() {
        return new SecureRandom();
    }

    @Produces
    @Singleton
    OnlineDevices onlineDevices() {
        return new OnlineDevices();
    }

    @Produces
    @ApplicationScoped
    DeviceRegistry deviceRegistry(DataSource database, Clock clock, SecureRandom random) {
        return DeviceRegistry.open(database, clock, random);
    }

    @Produces
    @ApplicationScoped
    ArtifactStore artifactStore(CoordinatorConfig config) {
        return ArtifactStore.open(config.dataDir().resolve("artifacts"));
    }
}
