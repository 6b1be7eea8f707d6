package io.crosslm.coordinator.round;

import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.wire.ReportKind;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Remembers what rounds wait for, from the first trouble until their step goes on, and passes all
 * that it hears on. Thread-safe.
 */
final class WaitingRounds implements RoundListener {
    private final RoundListener next;
    private final Map<RoundId, Wait> waits = new ConcurrentHashMap<>();

    WaitingRounds(RoundListener next) {
        this.next = next;
    }

    /** What the round waits for; empty if it does not. */
    Optional<String> waitingFor(RoundId round) {
        return Optional.ofNullable(waits.get(round)).map(Wait::reason);
    }

    @Override
    public void waiting(RoundId round, RoundStep step, String reason) {
        waits.put(round, new Wait(step, reason));
        next.waiting(round, step, reason);
    }

    /** The same step again is another try, which may take long to fail: the round waits still. */
    @Override
    public void stepped(RoundId round, RoundStep step, String reason) {
        waits.computeIfPresent(round, (id, wait) -> wait.step() == step ? wait : null);
        next.stepped(round, step, reason);
    }

    @Override
    public void reported(RoundId round, DeviceId device, ReportKind kind, RoundStore.Kept kept) {
        next.reported(round, device, kind, kept);
    }

    @Override
    public void failed(RoundId round, DeviceId device, String code, String message) {
        next.failed(round, device, code, message);
    }

    @Override
    public void generating(RoundId round, int done, int all, double tokensPerSecond) {
        waits.remove(round);
        next.generating(round, done, all, tokensPerSecond);
    }

    @Override
    public void tuning(RoundId round, int step, int steps, double loss) {
        waits.remove(round);
        next.tuning(round, step, steps, loss);
    }

    /** Why a step of a round waits. */
    private record Wait(RoundStep step, String reason) {}
}
