package io.crosslm.coordinator.round;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A round as its transitions tell it.
 *
 * @param id of the round
 * @param transitions in order, one at least
 */
public record RoundHistory(RoundId id, List<Transition> transitions) {
    public RoundHistory {
        transitions = List.copyOf(transitions);
        if (transitions.isEmpty()) {
            throw new IllegalArgumentException(id + " has no transitions");
        }
    }

    /** The step that the round is at. */
    public RoundStep step() {
        return last().step();
    }

    /** The latest transition. */
    public Transition last() {
        return transitions.get(transitions.size() - 1);
    }

    /** When the round came to the step, if it did. */
    public Optional<Instant> startOf(RoundStep step) {
        return transitions.stream().filter(t -> t.step() == step).map(Transition::at).findFirst();
    }

    /** The transition that would follow. */
    public Transition next(RoundStep step, Instant at, String reason) {
        return new Transition(last().ordinal() + 1, step, at, reason);
    }

    /** Seconds that each ended step took, in order. */
    public Map<String, Double> secondsPerStep() {
        Map<String, Double> seconds = new LinkedHashMap<>();
        for (int i = 0; i + 1 < transitions.size(); i++) {
            Duration took = Duration.between(transitions.get(i).at(), transitions.get(i + 1).at());
            seconds.put(transitions.get(i).step().name(), took.toMillis() / 1000.0);
        }
        return seconds;
    }
}
