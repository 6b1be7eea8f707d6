package io.crosslm.tools.model;

import java.io.PrintWriter;
import java.util.Locale;

/**
 * Tells on standard error how far a measurement is: a line that is replaced on a terminal, else a
 * line every half a minute. Confined to one thread.
 */
final class EvaluateProgress {
    private static final long QUIET_NANOS = 30_000_000_000L;

    private final PrintWriter err;
    private final boolean terminal = System.console() != null;
    private final long start = System.nanoTime();
    private long told = start;

    EvaluateProgress(PrintWriter err) {
        this.err = err;
    }

    void show(String what, int done, int all) {
        long now = System.nanoTime();
        if (terminal) {
            err.print("\r" + line(what, done, all, now) + "\u001b[K");
            if (done == all) {
                err.print("\r\u001b[K");
            }
            err.flush();
        } else if (now - told > QUIET_NANOS) {
            told = now;
            err.println(line(what, done, all, now));
            err.flush();
        }
    }

    private String line(String what, int done, int all, long now) {
        return String.format(
                Locale.ROOT, "%5.0f s  %s: %d of %d", (now - start) / 1e9, what, done, all);
    }
}
