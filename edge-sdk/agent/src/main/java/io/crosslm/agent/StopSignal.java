package io.crosslm.agent;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The wish to end, from SIGTERM, Ctrl-C or within, and why. The first reason stays. Thread-safe.
 */
final class StopSignal {
    private final CountDownLatch requested = new CountDownLatch(1);

    @GuardedBy("this")
    private Reason reason = Reason.NONE;

    synchronized void request(Reason why) {
        if (reason == Reason.NONE) {
            reason = why;
        }
        requested.countDown();
    }

    synchronized Reason reason() {
        return reason;
    }

    /** Waits for the wish, at most so long. */
    Reason await(Duration longest) throws InterruptedException {
        boolean unused = requested.await(longest.toMillis(), TimeUnit.MILLISECONDS);
        return reason();
    }

    /** Waits for the wish, however long it takes. */
    Reason await() throws InterruptedException {
        requested.await();
        return reason();
    }

    /** Why the agent ends. */
    enum Reason {
        /** It does not. */
        NONE,
        /** A signal of the operating system, or an interrupt. */
        SIGNAL,
        /** The coordinator has revoked the device. */
        REVOKED
    }
}
