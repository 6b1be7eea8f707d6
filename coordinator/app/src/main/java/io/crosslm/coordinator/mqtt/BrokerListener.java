package io.crosslm.coordinator.mqtt;

import io.crosslm.coordinator.device.Secret;
import io.crosslm.coordinator.tls.PrivateFile;
import io.crosslm.coordinator.tls.ServerIdentity;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Optional;

/**
 * Where and how the embedded broker listens.
 *
 * @param port 0 takes a free one
 * @param identity of the server where it encrypts
 */
record BrokerListener(String host, int port, Optional<ServerIdentity> identity) {
    /** What the broker calls it. */
    static final String NAME = "crosslm";

    /**
     * Its part of the broker's configuration, with the key store that this names.
     *
     * @param folder for the key store
     */
    String configuration(Path folder) throws IOException {
        if (identity.isEmpty()) {
            return """
            <tcp-listener>
              <port>%d</port>
              <bind-address>%s</bind-address>
              <name>%s</name>
            </tcp-listener>
            """
                    .formatted(port, host, NAME);
        }
        // The broker wants one; file and configuration are equally private, and new at each start.
        String password = Secret.random(new SecureRandom()).reveal();
        Path keyStore = folder.resolve("server.p12");
        write(identity.get(), keyStore, password.toCharArray());
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
                        keyStore.toAbsolutePath()
                                .toString()
                                .replace("&", "&amp;")
                                .replace("<", "&lt;"),
                        password);
    }

    private static void write(ServerIdentity identity, Path file, char[] password)
            throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            identity.keyStore(password).store(bytes, password);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("A key store cannot be written", e);
        }
        PrivateFile.write(file, bytes.toByteArray());
    }
}
