package io.crosslm.coordinator.ops;

import io.crosslm.coordinator.artifact.ArtifactStore;
import io.crosslm.coordinator.config.CoordinatorConfig;
import io.crosslm.coordinator.device.DeviceRegistry;
import io.crosslm.coordinator.device.OnlineDevices;
import io.crosslm.coordinator.round.RoundEngine;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Map;
import javax.sql.DataSource;
import org.jboss.logging.Logger;

/** Makes the parts that know nothing of the container. All are made once, at first use. */
@ApplicationScoped
final class ServiceBeans {
    private static final Logger LOG = Logger.getLogger(ServiceBeans.class);

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

    /** Rounds that wait for devices look again when one comes or goes. */
    @Produces
    @ApplicationScoped
    OnlineDevices onlineDevices(EventFeed feed, RoundEngine engine) {
        return new OnlineDevices(
                (device, isOnline) -> {
                    LOG.infof("Device %s is %s", device, isOnline ? "online" : "offline");
                    feed.publish(
                            Event.of(
                                    "device",
                                    Map.of("device", device.value(), "online", isOnline)));
                    engine.fleetChanged();
                });
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
