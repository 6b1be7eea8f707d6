package io.crosslm.edge;

import io.crosslm.edge.tls.ServerTrust;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.TenantId;

import org.jspecify.annotations.Nullable;

import java.net.URI;
import java.security.cert.CertificateException;
import java.time.Clock;

/**
 * Who a device is to its coordinator; {@link Enrolment} gets one.
 *
 * @param token proves it, to the broker and over HTTP; never shown
 * @param brokerUri of the MQTT broker, tcp:// or ssl://
 * @param coordinatorUri http:// or https://
 * @param authority the certificate, in PEM form, of whom the device trusts; null for servers on
 *     this machine without TLS
 */
public record DeviceIdentity(
        DeviceId device,
        String token,
        TenantId tenant,
        URI brokerUri,
        URI coordinatorUri,
        @Nullable String authority) {
    public DeviceIdentity {
        if (token.isEmpty()) {
            throw new EdgeException(
                    EdgeException.Code.CONFIGURATION,
                    "a device needs a token, but it is empty; enrol the device again");
        }
    }

    /** An identity for servers on this machine without TLS. */
    public DeviceIdentity(
            DeviceId device, String token, TenantId tenant, URI brokerUri, URI coordinatorUri) {
        this(device, token, tenant, brokerUri, coordinatorUri, null);
    }

    /**
     * Which servers the device speaks to.
     *
     * @param clock by which certificates are good
     * @throws EdgeException if the authority is no certificate
     */
    public ServerTrust trust(Clock clock) {
        if (authority == null) {
            return ServerTrust.loopbackOnly();
        }
        try {
            return ServerTrust.ofAuthority(authority, clock);
        } catch (CertificateException e) {
            throw new EdgeException(
                    EdgeException.Code.CONFIGURATION,
                    "expected the authority's certificate in PEM form, but it is something else;"
                            + " enrol the device again",
                    e);
        }
    }

    @Override
    public String toString() {
        return "DeviceIdentity[" + device + " of " + tenant + "]";
    }
}
