package io.crosslm.coordinator.mqtt;

import io.crosslm.coordinator.device.Secret;
import io.crosslm.coordinator.tls.PrivateFile;
import io.crosslm.coordinator.tls.ServerIdentity;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;

/**
 * The file out of which the embedded broker reads its key and certificate. The broker looks every
 * ten seconds whether it has changed, and shows new connections what it holds then.
 *
 * @param password that the broker wants; file and configuration are equally private, and it is new
 *     at each start
 */
record BrokerKeyStore(Path file, Secret password) {
    /** A key store in a folder; nothing is written yet. */
    static BrokerKeyStore in(Path folder) {
        return new BrokerKeyStore(folder.resolve("server.p12"), Secret.random(new SecureRandom()));
    }

    /** Writes or replaces it; who reads finds all of the old one or all of the new one. */
    void write(ServerIdentity identity) {
        char[] characters = password.reveal().toCharArray();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            identity.keyStore(characters).store(bytes, characters);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("A key store cannot be written", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        PrivateFile.write(file, bytes.toByteArray());
    }
}
