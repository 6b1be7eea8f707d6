package io.crosslm.coordinator.mqtt;

import io.crosslm.coordinator.device.Secret;
import java.security.KeyStore;
import java.util.Optional;

/**
 * Where a broker is and who the coordinator is to it. Immutable.
 *
 * @param trust whose certificate it must have; empty without TLS
 * @param credential empty where the broker asks for none
 */
record BrokerAccount(
        String host, int port, Optional<Trust> trust, Optional<Credential> credential) {
    /** Host and port as people write them. */
    String place() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    /** Which certificate a broker must have. */
    record Trust(KeyStore authorities, NameCheck nameCheck) {}

    /** Whether the certificate must be for the host. */
    enum NameCheck {
        HOST,
        /** The certificate itself is known: its names do not count. */
        NONE
    }

    /** User name and password. */
    record Credential(String username, Secret password) {}
}
