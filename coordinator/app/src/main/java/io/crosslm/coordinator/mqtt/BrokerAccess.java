package io.crosslm.coordinator.mqtt;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.device.Enrolment;
import io.crosslm.protocol.DeviceId;
import java.util.Optional;

/** Who may do what on a broker, as far as the coordinator decides that. Thread-safe. */
interface BrokerAccess extends AutoCloseable {
    /**
     * Makes the broker let the coordinator in, and brings what it knows of devices up to date.
     *
     * @param ready called once, as soon as the coordinator's own connection can be opened
     */
    void open(Runnable ready);

    /**
     * Fails where a device that enrols now would not be let in.
     *
     * @throws CoordinatorException BROKER_AWAY
     */
    void checkOpen();

    /** Lets a device in that has just enrolled; its token is known now and never again. */
    void admit(Enrolment enrolment);

    /** Shuts a revoked device out and ends its connection. */
    void revoke(DeviceId device);

    /** Whether a device has a connection now. */
    Contact contact(DeviceId device);

    /** Why devices or the coordinator are not let in, if that is so. */
    Optional<CoordinatorException> problem();

    /** Ends its own connection to the broker, if it has one. */
    @Override
    void close();

    /** What a broker knows of a device's connection. */
    enum Contact {
        CONNECTED,
        AWAY,
        /** The broker does not tell. */
        UNKNOWN
    }
}
