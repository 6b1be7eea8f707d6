package io.crosslm.edge.model;

/**
 * How a private training would draw its examples: what its privacy is counted from.
 *
 * @param samplingRate with which an example is in a step, above 0 and at most 1
 * @param steps in all, 1 or more
 */
public record PrivateCourse(double samplingRate, int steps) {
    public PrivateCourse {
        if (!(samplingRate > 0 && samplingRate <= 1)) {
            throw new IllegalArgumentException(
                    "samplingRate must be above 0 and at most 1 but is " + samplingRate);
        }
        if (steps < 1) {
            throw new IllegalArgumentException("steps must be at least 1 but is " + steps);
        }
    }
}
