package io.crosslm.coordinator.dashboard;

import io.crosslm.coordinator.device.Secret;
import io.crosslm.protocol.Sha256;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Who is signed in at the pages. Sessions and links live in memory and end with the coordinator.
 * Thread-safe.
 */
@ApplicationScoped
public final class Sessions {
    static final Duration SESSION_LENGTH = Duration.ofHours(12);
    static final Duration LINK_LENGTH = Duration.ofMinutes(15);

    private static final int MAXIMUM_OPEN = 1_000;

    private final SecureRandom random;
    private final Clock clock;
    private final Map<Sha256, Instant> sessions = new ConcurrentHashMap<>();
    private final Map<Sha256, Instant> links = new ConcurrentHashMap<>();

    Sessions(SecureRandom random, Clock clock) {
        this.random = random;
        this.clock = clock;
    }

    /** A code that signs in once. */
    Secret newLink() {
        return open(links, LINK_LENGTH);
    }

    /** Changes a link's code for a session; a code works once. */
    Optional<Secret> redeem(String code) {
        Instant end = links.remove(Secret.of(code).hash());
        return end == null || end.isBefore(clock.instant())
                ? Optional.empty()
                : Optional.of(newSession());
    }

    Secret newSession() {
        return open(sessions, SESSION_LENGTH);
    }

    boolean isOpen(@Nullable String session) {
        if (session == null) {
            return false;
        }
        Instant end = sessions.get(Secret.of(session).hash());
        return end != null && !end.isBefore(clock.instant());
    }

    void end(String session) {
        sessions.remove(Secret.of(session).hash());
    }

    private Secret open(Map<Sha256, Instant> into, Duration length) {
        Instant now = clock.instant();
        into.values().removeIf(end -> end.isBefore(now));
        if (into.size() >= MAXIMUM_OPEN) {
            into.clear();
        }
        Secret secret = Secret.random(random);
        into.put(secret.hash(), now.plus(length));
        return secret;
    }
}
