package io.crosslm.edge;

import io.crosslm.edge.store.AtomicFile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a device's credential is kept: its id, its token, and whom it trusts, as bytes that mean
 * nothing to the store. Must survive the process; need not be thread-safe.
 *
 * <p>The default is a file that only its owner may read. An app with a key store of its system can
 * keep the bytes encrypted instead.
 */
public interface SecretStore {
    /**
     * What was saved last, if anything was.
     *
     * @throws IOException if something was, but cannot be read
     */
    Optional<byte[]> load() throws IOException;

    /**
     * Replaces what is kept; when this returns, it survives the process.
     *
     * @throws IOException if it does not: what was kept before must still be there
     */
    void save(byte[] secret) throws IOException;

    /** What a person is told about the place; no secret. */
    String place();

    /** The file identity.json in a client's storage directory, readable by its owner only. */
    static SecretStore in(Path storage) {
        Path file = storage.resolve("identity.json");
        return new SecretStore() {
            @Override
            public Optional<byte[]> load() throws IOException {
                return Files.exists(file)
                        ? Optional.of(Files.readAllBytes(file))
                        : Optional.empty();
            }

            @Override
            public void save(byte[] secret) throws IOException {
                AtomicFile.write(file, secret);
            }

            @Override
            public String place() {
                return file.toString();
            }
        };
    }
}
