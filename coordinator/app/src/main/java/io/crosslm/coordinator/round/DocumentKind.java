package io.crosslm.coordinator.round;

/** What a step leaves behind beside samples and pool: one JSON document each. */
public enum DocumentKind {
    /** {@link RoundDocuments.Generation}. */
    GENERATION,
    /** {@link RoundDocuments.Fused}. */
    FUSION,
    /** {@link RoundDocuments.Tuning}. */
    TUNING,
    /** {@link RoundDocuments.Curation}. */
    CURATION,
    /** {@link RoundDocuments.Outcome}. */
    OUTCOME
}
