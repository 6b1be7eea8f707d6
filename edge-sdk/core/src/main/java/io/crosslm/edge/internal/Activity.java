package io.crosslm.edge.internal;

import com.google.errorprone.annotations.concurrent.GuardedBy;

/**
 * What the link's and the worker's thread are at, for somebody who waits until nothing is left to
 * do. Thread-safe.
 *
 * <p>A broker does not say when it has sent all retained messages. They are here when it has been
 * quiet for a while after the coordinator's own retained state, which every coordinator has.
 */
final class Activity {
    private static final long QUIET_NANOS = 1_000_000_000L;

    /** For a broker without a coordinator's state: after that, there is none. */
    private static final long NO_STATE_NANOS = 5 * QUIET_NANOS;

    @GuardedBy("this")
    private boolean subscribed;

    @GuardedBy("this")
    private boolean coordinatorSeen;

    @GuardedBy("this")
    private boolean everConnected;

    @GuardedBy("this")
    private String lostReason = "no connection was tried";

    @GuardedBy("this")
    private long subscribedAt;

    @GuardedBy("this")
    private long heardAt;

    /** Counts what may make work. */
    @GuardedBy("this")
    private long inputs;

    /** The count that the worker knew when it came to rest; none while it works. */
    @GuardedBy("this")
    private long restedAt = -1;

    @GuardedBy("this")
    private boolean workLeft;

    @GuardedBy("this")
    private boolean worked;

    private final Signal workerSignal;

    Activity(Signal workerSignal) {
        this.workerSignal = workerSignal;
    }

    /** Forgets everything; before the threads start. */
    synchronized void begin() {
        subscribed = false;
        coordinatorSeen = false;
        everConnected = false;
        lostReason = "no connection was tried";
        restedAt = -1;
        workLeft = false;
        worked = false;
    }

    /** All subscriptions of a new connection are made. */
    synchronized void subscribed() {
        if (!subscribed) {
            subscribed = true;
            everConnected = true;
            coordinatorSeen = false;
            subscribedAt = System.nanoTime();
            heardAt = subscribedAt;
        }
        notifyAll();
    }

    synchronized void lost(String reason) {
        subscribed = false;
        lostReason = reason;
        notifyAll();
    }

    /** A message was taken: the worker looks again. */
    void received(boolean ofCoordinatorState) {
        synchronized (this) {
            coordinatorSeen |= ofCoordinatorState;
            heardAt = System.nanoTime();
            inputs++;
            notifyAll();
        }
        workerSignal.raise();
    }

    /** The worker begins to look for work; returns what it must hand to {@link #rested}. */
    synchronized long working() {
        restedAt = -1;
        return inputs;
    }

    /**
     * The worker found nothing more that it can do now.
     *
     * @param left whether there is work that waits for something
     */
    synchronized void rested(long inputsKnown, boolean left) {
        restedAt = inputsKnown;
        workLeft = left;
        notifyAll();
    }

    /** The worker did a job, or tried to. */
    synchronized void worked() {
        worked = true;
    }

    /** Waits for a change, at most that long. */
    synchronized void await(long millis) throws InterruptedException {
        wait(Math.max(1, millis));
    }

    synchronized boolean hasWorked() {
        return worked;
    }

    synchronized boolean hasConnected() {
        return everConnected;
    }

    synchronized String lostReason() {
        return lostReason;
    }

    /** Whether everything that the coordinator has said is here, and all its work is done. */
    synchronized boolean isSettled() {
        long now = System.nanoTime();
        boolean caughtUp =
                subscribed
                        && now - heardAt >= QUIET_NANOS
                        && (coordinatorSeen || now - subscribedAt >= NO_STATE_NANOS);
        return caughtUp && restedAt == inputs && !workLeft;
    }
}
