package io.crosslm.coordinator.mqtt;

import io.crosslm.coordinator.device.DeviceRegistry;
import java.nio.file.Path;

/** Starts a broker inside this process. A build may leave it out. */
interface BrokerInProcess {
    /**
     * Starts the broker and waits until it listens.
     *
     * @param folder for its files
     */
    Broker start(Path folder, BrokerListener listener, DeviceRegistry registry);
}
