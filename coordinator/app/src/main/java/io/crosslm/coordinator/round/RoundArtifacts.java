package io.crosslm.coordinator.round;

import io.crosslm.protocol.Sha256;

/** Keeps the bytes of parts and adapters under their hashes. Thread-safe. */
public interface RoundArtifacts {
    /** Keeps bytes; the same again does no harm. */
    Sha256 put(byte[] bytes);

    /**
     * The bytes of that hash.
     *
     * @throws io.crosslm.coordinator.CoordinatorException if they are not there
     */
    byte[] read(Sha256 name);

    /** Keeps it no longer; no harm is done if it is not there. */
    void delete(Sha256 name);
}
