package io.crosslm.coordinator.round;

import java.time.Instant;

/** Wakes rounds that wait for reports. Thread-safe. */
interface RoundSignal {
    /** How often {@link #raise} was called so far. */
    long count();

    /** Something happened that may end a wait. */
    void raise();

    /**
     * Returns when {@link #raise} was called after the count was read, at the latest at the time;
     * may return early.
     */
    void await(long count, Instant until) throws InterruptedException;
}
