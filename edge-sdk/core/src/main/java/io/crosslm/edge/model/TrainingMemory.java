package io.crosslm.edge.model;

/**
 * The most memory in bytes that a training takes beside the opened model, by the rows B of a step
 * and the tokens T of its longest text: {@code fixed + perRow B + perToken B T + perTokenPair B
 * T^2}. Packages tell it; an estimate.
 *
 * @param fixed 0 or more, like the others
 */
public record TrainingMemory(long fixed, long perRow, long perToken, long perTokenPair) {
    public TrainingMemory {
        if (fixed < 0 || perRow < 0 || perToken < 0 || perTokenPair < 0) {
            throw new IllegalArgumentException(
                    "memory must not be negative but is "
                            + fixed
                            + ", "
                            + perRow
                            + ", "
                            + perToken
                            + ", "
                            + perTokenPair);
        }
    }

    /** Bytes of a training with steps of so many rows, whose texts have at most so many tokens. */
    public long bytes(int rows, int tokens) {
        double pairs = (double) tokens * tokens * perTokenPair;
        return (long) (fixed + rows * (perRow + (double) tokens * perToken + pairs));
    }

    /** The most rows of texts with so many tokens that take at most so many bytes; 0 if none. */
    public int rowsWithin(long bytes, int tokens) {
        double each = (double) bytes(1, tokens) - fixed;
        if (bytes < fixed) {
            return 0;
        }
        return each == 0
                ? Integer.MAX_VALUE
                : (int) Math.min(Integer.MAX_VALUE, Math.floor((bytes - fixed) / each));
    }

    /** The most tokens, up to {@code limit}, that so many rows may have; 0 if none. */
    public int tokensWithin(long bytes, int rows, int limit) {
        int tokens = limit;
        while (tokens > 0 && bytes(rows, tokens) > bytes) {
            tokens--;
        }
        return tokens;
    }
}
