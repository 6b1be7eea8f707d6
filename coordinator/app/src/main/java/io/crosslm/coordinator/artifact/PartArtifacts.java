package io.crosslm.coordinator.artifact;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.round.RoundArtifacts;
import io.crosslm.protocol.Sha256;

/** The artifact store as rounds see it. Thread-safe. */
public final class PartArtifacts implements RoundArtifacts {
    private final ArtifactStore store;

    public PartArtifacts(ArtifactStore store) {
        this.store = store;
    }

    @Override
    public Sha256 put(byte[] bytes) {
        return store.put(bytes);
    }

    @Override
    public void delete(Sha256 name) {
        store.delete(name);
    }

    @Override
    public byte[] read(Sha256 name) {
        return store.read(name)
                .orElseThrow(
                        () ->
                                new CoordinatorException(
                                        Code.UNKNOWN_ARTIFACT,
                                        "artifact "
                                                + name
                                                + " is missing from the data folder; was a file"
                                                + " deleted?"));
    }
}
