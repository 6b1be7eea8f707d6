package io.crosslm.llm.remote;

import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import java.time.Duration;

/** When a call must be over. Immutable. */
final class Deadline {
    private final Duration length;
    private final long endNanos;

    private Deadline(Duration length) {
        this.length = length;
        this.endNanos = System.nanoTime() + length.toNanos();
    }

    static Deadline after(Duration length) {
        return new Deadline(length);
    }

    /** Whether nothing is left. */
    boolean isOver() {
        return System.nanoTime() - endNanos >= 0;
    }

    /**
     * Milliseconds that are left, at most the given ones.
     *
     * @throws LanguageModelException REMOTE if none are left
     */
    long millis(Duration most) {
        long left = (endNanos - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
            throw new LanguageModelException(
                    Code.REMOTE,
                    "The language model's server needed more than the "
                            + length.toSeconds()
                            + " s that a call may take");
        }
        return Math.min(left, most.toMillis());
    }
}
