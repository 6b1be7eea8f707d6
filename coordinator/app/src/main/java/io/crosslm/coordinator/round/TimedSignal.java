package io.crosslm.coordinator.round;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** A signal that waits in real time, a second at most, as devices come and go without a word. */
final class TimedSignal implements RoundSignal {
    private static final long MAX_WAIT_MILLIS = 1_000;

    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition raised = lock.newCondition();
    private long count; // guarded by lock

    TimedSignal(Clock clock) {
        this.clock = clock;
    }

    @Override
    public long count() {
        lock.lock();
        try {
            return count;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void raise() {
        lock.lock();
        try {
            count++;
            raised.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void await(long seen, Instant until) throws InterruptedException {
        long millis = Duration.between(clock.instant(), until).toMillis() + 1;
        long nanos = TimeUnit.MILLISECONDS.toNanos(Math.min(MAX_WAIT_MILLIS, millis));
        lock.lock();
        try {
            while (count == seen && nanos > 0) {
                nanos = raised.awaitNanos(nanos);
            }
        } finally {
            lock.unlock();
        }
    }
}
