package io.crosslm.llm.remote;

import java.time.Duration;

/**
 * How long and how often a server is asked, and how much it may answer.
 *
 * @param request time for one try of one request, its answer included
 * @param deadline time for one call of the model with all its requests
 * @param attempts tries of a request in all; only those that met a busy or absent server are
 *     repeated
 * @param firstPause before the second try; each further one is twice as long, up to {@link
 *     #LONGEST_PAUSE}, and a random part of it is taken off
 * @param answerBytes largest answer
 */
public record RemoteLimits(
        Duration request, Duration deadline, int attempts, Duration firstPause, int answerBytes) {
    /** Also the longest time that a server's Retry-After is listened to. */
    public static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    public RemoteLimits {
        if (request.isNegative() || request.isZero() || deadline.isNegative()) {
            throw new IllegalArgumentException("request and deadline must be positive");
        }
        if (attempts < 1 || answerBytes < 1) {
            throw new IllegalArgumentException("attempts and answerBytes must be 1 or more");
        }
    }

    /** 2 minutes a request, 1 hour a call, 6 tries, 16 MiB. */
    public static RemoteLimits defaults() {
        return new RemoteLimits(
                Duration.ofMinutes(2), Duration.ofHours(1), 6, Duration.ofMillis(500), 16 << 20);
    }
}
