package io.crosslm.coordinator.mqtt;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.device.Enrolment;
import io.crosslm.protocol.DeviceId;
import java.util.Optional;

/** A broker whose accounts the operator keeps: the coordinator changes nothing there. */
final class OperatorAccess implements BrokerAccess {
    @Override
    public void open(Runnable ready) {
        ready.run();
    }

    @Override
    public void checkOpen() {
        // Devices enrol whether or not the operator has made their account yet.
    }

    @Override
    public void admit(Enrolment enrolment) {
        // The operator does.
    }

    @Override
    public void revoke(DeviceId device) {
        // The operator does; until then the coordinator takes nothing from the device.
    }

    @Override
    public Contact contact(DeviceId device) {
        return Contact.UNKNOWN;
    }

    @Override
    public Optional<CoordinatorException> problem() {
        return Optional.empty();
    }

    @Override
    public void close() {
        // There is nothing to end.
    }
}
