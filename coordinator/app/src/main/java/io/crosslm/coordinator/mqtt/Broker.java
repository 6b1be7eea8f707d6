package io.crosslm.coordinator.mqtt;

import io.crosslm.coordinator.tls.ServerIdentity;

/** A broker that devices and coordinator meet at: how to reach it, and who may do what on it. */
interface Broker extends AutoCloseable {
    /** As whom the coordinator connects, and where. */
    BrokerAccount account();

    /** By what devices are let in and shut out. */
    BrokerAccess access();

    /** The coordinator has a new certificate; a broker that shows it shows the new one. */
    void renew(ServerIdentity identity);

    /** Ends what this process has of the broker. */
    @Override
    void close();
}
