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
    public void delete(Sha256 name) {
        kept.remove(name);
    }

    boolean has(String hex) {
        return kept.containsKey(Sha256.ofHex(hex));
    }

    @Override
    public byte[] read(Sha256 name) {
        return kept.get(name).clone();
    }
}
