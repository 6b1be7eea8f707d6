package io.crosslm.coordinator.mqtt;

import io.crosslm.coordinator.tls.ServerIdentity;
import java.security.KeyStore;
import java.util.Optional;

/**
 * Where and how the embedded broker listens.
 *
 * @param port 0 takes a free one
 * @param certified by what it encrypts; empty where it does not
 */
record BrokerListener(String host, int port, Optional<Certified> certified) {
    /** What the broker calls it. */
    static final String NAME = "crosslm";

    /**
     * Who the broker is.
     *
     * @param trust by which the coordinator knows it, after a renewal too
     */
    record Certified(ServerIdentity identity, KeyStore trust) {}

    /**
     * Its part of the broker's configuration.
     *
     * @param keyStore that holds the identity, where it encrypts
     */
    String configuration(BrokerKeyStore keyStore) {
        if (certified.isEmpty()) {
            return """
            <tcp-listener>
              <port>%d</port>
              <bind-address>%s</bind-address>
              <name>%s</name>
            </tcp-listener>
            """
                    .formatted(port, host, NAME);
        }
        return """
        <tls-tcp-listener>
          <port>%1$d</port>
          <bind-address>%2$s</bind-address>
          <name>%3$s</name>
          <tls>
            <keystore>
              <path>%4$s</path>
              <password>%5$s</password>
              <private-key-password>%5$s</private-key-password>
            </keystore>
            <protocols>
              <protocol>TLSv1.3</protocol>
              <protocol>TLSv1.2</protocol>
            </protocols>
          </tls>
        </tls-tcp-listener>
        """
                .formatted(
                        port,
                        host,
                        NAME,
                        keyStore.file()
                                .toAbsolutePath()
                                .toString()
                                .replace("&", "&amp;")
                                .replace("<", "&lt;"),
                        keyStore.password().reveal());
    }
}
