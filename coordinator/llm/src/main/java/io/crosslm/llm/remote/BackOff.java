package io.crosslm.llm.remote;

import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.function.DoubleSupplier;

/** Pauses between the tries of a request: longer each time, part of it random. Thread-safe. */
final class BackOff {
    private final Duration first;
    private final DoubleSupplier random;
    private final Sleeper sleeper;

    /**
     * Pauses.
     *
     * @param random in [0, 1)
     */
    BackOff(Duration first, DoubleSupplier random, Sleeper sleeper) {
        this.first = first;
        this.random = random;
        this.sleeper = sleeper;
    }

    /**
     * Waits before the next try.
     *
     * @param tries that were made
     * @param retryAfter the server's header; what cannot be read is passed over
     */
    void pause(int tries, Optional<String> retryAfter, Deadline deadline)
            throws InterruptedException {
        Duration longest = RemoteLimits.LONGEST_PAUSE;
        long full = Math.min(longest.toMillis(), first.toMillis() << Math.min(tries - 1, 16));
        long own = (long) (full * (0.5 + 0.5 * random.getAsDouble()));
        long asked = retryAfter.map(BackOff::millis).orElse(0L);
        long wait = Math.min(longest.toMillis(), Math.max(own, asked));
        sleeper.sleep(deadline.millis(Duration.ofMillis(wait)));
    }

    /** Of seconds or a date, as RFC 9110 allows. */
    private static long millis(String header) {
        String text = header.strip();
        if (text.matches("[0-9]{1,6}")) {
            return 1000 * Long.parseLong(text);
        }
        try {
            ZonedDateTime date = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME);
            return Math.max(0, Duration.between(Instant.now(), date.toInstant()).toMillis());
        } catch (DateTimeParseException e) {
            return 0;
        }
    }

    /** Lets time pass. */
    @FunctionalInterface
    interface Sleeper {
        void sleep(long millis) throws InterruptedException;
    }
}
