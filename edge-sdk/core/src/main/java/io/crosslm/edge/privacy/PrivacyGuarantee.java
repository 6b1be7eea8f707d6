package io.crosslm.edge.privacy;

/**
 * An (epsilon, delta) bound of differential privacy (Dwork and Roth 2014, definition 2.4).
 *
 * @param epsilon 0 or more, in nats; infinite where there is no bound
 * @param delta 0 to 1, below 1
 */
public record PrivacyGuarantee(double epsilon, double delta) {
    public PrivacyGuarantee {
        if (!(epsilon >= 0)) {
            throw new IllegalArgumentException("epsilon must be 0 or more but is " + epsilon);
        }
        if (!(delta >= 0 && delta < 1)) {
            throw new IllegalArgumentException(
                    "delta must be at least 0 and below 1 but is " + delta);
        }
    }
}
