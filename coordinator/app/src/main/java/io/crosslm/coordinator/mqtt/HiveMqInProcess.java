package io.crosslm.coordinator.mqtt;

import io.crosslm.coordinator.device.DeviceRegistry;
import io.quarkus.arc.properties.UnlessBuildProperty;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.Path;
import java.security.SecureRandom;

/**
 * HiveMQ Community Edition as the broker in this process. The one class that names {@link
 * EmbeddedBroker}: native images are built without it.
 */
@ApplicationScoped
@UnlessBuildProperty(name = "quarkus.native.enabled", stringValue = "true", enableIfMissing = true)
final class HiveMqInProcess implements BrokerInProcess {
    private final SecureRandom random;

    HiveMqInProcess(SecureRandom random) {
        this.random = random;
    }

    @Override
    public Broker start(Path folder, BrokerListener listener, DeviceRegistry registry) {
        return EmbeddedBroker.start(folder, listener, registry, random);
    }
}
