package io.crosslm.protocol;

import io.crosslm.protocol.ProtocolException.Code;

/**
 * Number of a round within its task.
 *
 * @param value from 1 to {@value Limits#MAX_ROUND}
 */
public record RoundNumber(int value) implements Comparable<RoundNumber> {
    public RoundNumber {
        if (value < 1 || value > Limits.MAX_ROUND) {
            throw new ProtocolException(
                    Code.BAD_ID,
                    "a round number is 1 to " + Limits.MAX_ROUND + ", but this one is " + value);
        }
    }

    @Override
    public int compareTo(RoundNumber other) {
        return Integer.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Integer.toString(value);
    }
}
