package io.crosslm.coordinator.round;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Rounds whose work shall end early; what is stored is the truth, this only hurries. Thread-safe.
 */
final class Cancellations {
    private final Set<RoundId> rounds = ConcurrentHashMap.newKeySet();

    void add(RoundId round) {
        rounds.add(round);
    }

    boolean contains(RoundId round) {
        return rounds.contains(round);
    }

    void forget(RoundId round) {
        rounds.remove(round);
    }
}
