package io.crosslm.coordinator.round;

import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.wire.Step;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Devices that said that they will do nothing more in a step, so that nobody waits for them. Not
 * kept over a restart: then the deadline ends the wait. Thread-safe.
 */
final class Refusals {
    private final Map<RoundId, Map<Step, Set<DeviceId>>> rounds = new ConcurrentHashMap<>();

    void add(RoundId round, Step step, DeviceId device) {
        rounds.computeIfAbsent(round, id -> new ConcurrentHashMap<>())
                .computeIfAbsent(step, name -> ConcurrentHashMap.newKeySet())
                .add(device);
    }

    /** A copy. */
    Set<DeviceId> of(RoundId round, Step step) {
        return Set.copyOf(rounds.getOrDefault(round, Map.of()).getOrDefault(step, Set.of()));
    }

    void forget(RoundId round) {
        rounds.remove(round);
    }
}
