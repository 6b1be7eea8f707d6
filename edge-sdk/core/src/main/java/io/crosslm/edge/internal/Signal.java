package io.crosslm.edge.internal;

import com.google.errorprone.annotations.concurrent.GuardedBy;

/** Wakes a thread that waits for something to do; a call before the wait counts. Thread-safe. */
final class Signal {
    @GuardedBy("this")
    private boolean raised;

    synchronized void raise() {
        raised = true;
        notifyAll();
    }

    /** Waits until raised, at most that long. */
    synchronized void await(long millis) throws InterruptedException {
        long end = System.nanoTime() + millis * 1_000_000;
        long left = millis;
        while (!raised && left > 0) {
            wait(left);
            left = (end - System.nanoTime()) / 1_000_000;
        }
        raised = false;
    }
}
