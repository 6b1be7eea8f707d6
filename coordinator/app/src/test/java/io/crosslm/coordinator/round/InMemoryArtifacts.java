package io.crosslm.coordinator.round;

import io.crosslm.protocol.Sha256;
import java.util.HashMap;
import java.util.Map;

/** Artifacts in memory. */
final class InMemoryArtifacts implements RoundArtifacts {
    private final Map<Sha256, byte[]> kept = new HashMap<>();

    @Override
    public Sha256 put(byte[] bytes) {
        Sha256 name = Sha256.hash(bytes);
        kept.put(name, bytes.clone());
        return name;
    }

    @Override
    public byte[] read(Sha256 name) {
        return kept.get(name).clone();
    }
}
