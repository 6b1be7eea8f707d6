package io.crosslm.edge;

import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.TenantId;
import java.net.URI;

/**
 * Who a device is to its coordinator; {@link Enrolment} gets one.
 *
 * @param token proves it, to the broker and over HTTP; never shown
 * @param brokerUri of the MQTT broker, tcp:// or ssl://
 * @param coordinatorUri http:// or https://
 */
public record DeviceIdentity(
        DeviceId device, String token, TenantId tenant, URI brokerUri, URI coordinatorUri) {
    public DeviceIdentity {
        if (token.isEmpty()) {
            throw new EdgeException(
                    EdgeException.Code.CONFIGURATION,
                    "a device needs a token, but it is empty; enrol the device again");
        }
    }

    @Override
    public String toString() {
        return "DeviceIdentity[" + device + " of " + tenant + "]";
    }
}
