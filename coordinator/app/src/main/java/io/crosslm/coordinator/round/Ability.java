package io.crosslm.coordinator.round;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Something that a language model can do, or why it cannot. Immutable.
 *
 * @param <T> how it is asked to do it
 */
public final class Ability<T> {
    private final @Nullable T present;
    private final String reason;

    private Ability(@Nullable T present, String reason) {
        this.present = present;
        this.reason = reason;
    }

    /** It can. */
    public static <T> Ability<T> of(T present) {
        return new Ability<>(present, "");
    }

    /**
     * It cannot.
     *
     * @param reason for operators; not empty
     */
    public static <T> Ability<T> missing(String reason) {
        if (reason.isEmpty()) {
            throw new IllegalArgumentException("expected a reason, but it is empty");
        }
        return new Ability<>(null, reason);
    }

    /** How it is asked, if it can. */
    public Optional<T> get() {
        return Optional.ofNullable(present);
    }

    /** Why it cannot; empty if it can. */
    public String reason() {
        return reason;
    }
}
