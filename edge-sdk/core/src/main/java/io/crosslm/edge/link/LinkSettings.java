package io.crosslm.edge.link;

import io.crosslm.edge.tls.ServerTrust;

import java.time.Duration;

/**
 * How to connect.
 *
 * @param brokerUri tcp:// or ssl:// with host and port
 * @param trust which servers may be spoken to
 * @param clientId also the user name
 * @param password never shown
 * @param will what the broker publishes when the connection is lost
 * @param receiveMaximum messages that may come before the first is acknowledged
 */
public record LinkSettings(
        String brokerUri,
        ServerTrust trust,
        String clientId,
        String password,
        LinkMessage will,
        int receiveMaximum,
        Duration connectTimeout,
        Duration keepAlive) {
    @Override
    public String toString() {
        return "LinkSettings[" + clientId + " at " + brokerUri + "]";
    }
}
