package io.crosslm.coordinator.round;

import java.time.Instant;

/** A signal whose waits take no time: the clock jumps to their end. Confined to one thread. */
final class SkippingSignal implements RoundSignal {
    private final TestClock clock;
    private long count;

    /** Runs in each wait, before the clock jumps. */
    Runnable onWait = () -> {};

    SkippingSignal(TestClock clock) {
        this.clock = clock;
    }

    @Override
    public long count() {
        return count;
    }

    @Override
    public void raise() {
        count++;
    }

    @Override
    public void await(long seen, Instant until) {
        onWait.run();
        if (count == seen) {
            clock.set(until);
        }
    }
}
