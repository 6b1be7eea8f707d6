package io.crosslm.protocol;

/** How what leaves a device is kept private; each mode's parameters are in the task's terms. */
public enum PrivacyMode {
    /** Scores and counts leave as they are, in the report form. */
    NONE("none"),
    /** The model that scores is trained with differential privacy for each private example. */
    DP_SGD("dp-sgd"),
    /** Each score is one randomised answer, private whoever sees it. */
    RANDOMIZED_RESPONSE("randomized-response"),
    /** One of a later version. */
    UNKNOWN("");

    private final String word;

    PrivacyMode(String word) {
        this.word = word;
    }

    /** The mode of a word in {@code Terms.privacy_mode}. */
    public static PrivacyMode of(String word) {
        for (PrivacyMode mode : values()) {
            if (mode.word.equals(word)) {
                return mode;
            }
        }
        return UNKNOWN;
    }

    /** As in {@code Terms.privacy_mode}. */
    public String word() {
        return word;
    }

    /** Whether a device tells nothing that is counted on private texts. */
    public boolean withholdsMetrics() {
        return this != NONE;
    }
}
