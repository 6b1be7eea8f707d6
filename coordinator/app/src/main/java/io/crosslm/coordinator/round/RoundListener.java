package io.crosslm.coordinator.round;

import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.wire.ReportKind;

/** Hears of rounds; called on the round's or the link's thread, so it must return at once. */
public interface RoundListener {
    /** A round came to a step; the reason is empty unless it failed or was cancelled. */
    default void stepped(RoundId round, RoundStep step, String reason) {}

    /** A report was committed. */
    default void reported(RoundId round, DeviceId device, ReportKind kind, RoundStore.Kept kept) {}

    /** Samples were written. */
    default void generating(RoundId round, int done, int all, double tokensPerSecond) {}

    /** The language model took a tuning step. */
    default void tuning(RoundId round, int step, int steps, double loss) {}

    /**
     * A step cannot go on for now and is tried again: a server, the broker or the disk is away.
     *
     * @param reason what is away, with its error code
     */
    default void waiting(RoundId round, RoundStep step, String reason) {}

    /** A device told that it could not do what an open round asked for. */
    default void failed(RoundId round, DeviceId device, String code, String message) {}

    /** Hears nothing. */
    static RoundListener noop() {
        return new RoundListener() {};
    }
}
