package io.crosslm.coordinator.mqtt;

/** A broker that devices and coordinator meet at: how to reach it, and who may do what on it. */
interface Broker extends AutoCloseable {
    /** As whom the coordinator connects, and where. */
    BrokerAccount account();

    /** By what devices are let in and shut out. */
    BrokerAccess access();

    /** Ends what this process has of the broker. */
    @Override
    void close();
}
