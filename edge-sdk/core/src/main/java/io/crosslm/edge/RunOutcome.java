package io.crosslm.edge;

/**
 * What came of {@link EdgeClient#runOnce}. Holds no private text and no score.
 *
 * @param reports whose receipt came in the window; made in it, or left from an earlier one
 * @param detail for people: why nothing was done, or what is left
 */
public record RunOutcome(Result result, int reports, String detail) {
    /** How the window ended. */
    public enum Result {
        /** All work that was due is done, and every report has its receipt. */
        DONE,
        /** There was nothing to do: no round is open. */
        NO_ROUND,
        /** There was nothing to do: this device's part was done before, or it is not asked. */
        NOTHING_DUE,
        /** The window ended before the work did; the next one goes on where this one stopped. */
        UNFINISHED,
        /** The window is too short to connect and say good-bye; nothing was tried. */
        WINDOW_TOO_SHORT,
        /** The broker could not be reached, or does not accept the device. */
        OFFLINE,
        /** The coordinator has revoked the device: no later window will do anything. */
        REVOKED
    }
}
