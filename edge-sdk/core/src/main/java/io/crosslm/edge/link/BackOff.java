package io.crosslm.edge.link;

import java.time.Duration;
import java.util.Random;

/**
 * Pauses between attempts with full jitter: a random time up to a bound that doubles, so that a
 * fleet that lost its broker does not come back at once. Confined to one thread.
 */
public final class BackOff {
    private static final int MAX_DOUBLINGS = 20;

    private final long baseMillis;
    private final long maxMillis;
    private final Random random;
    private int attempts;

    /**
     * A back-off at its beginning.
     *
     * @param base bound of the first pause
     * @param max bound of every pause
     */
    public BackOff(Duration base, Duration max, Random random) {
        if (base.isNegative() || base.isZero() || max.compareTo(base) < 0) {
            throw new IllegalArgumentException(
                    "expected 0 < base <= max, but base is " + base + " and max " + max);
        }
        this.baseMillis = base.toMillis();
        this.maxMillis = max.toMillis();
        this.random = random;
    }

    /** The pause before the next attempt. */
    public Duration next() {
        long bound = Math.min(maxMillis, baseMillis << Math.min(attempts, MAX_DOUBLINGS));
        attempts++;
        return Duration.ofMillis((long) (random.nextDouble() * bound));
    }

    /** An attempt went well. */
    public void reset() {
        attempts = 0;
    }
}
