package io.crosslm.edge.model;

/** A synthetic text and the probability of each label. Immutable. */
public final class SoftLabelledText {
    private final String text;
    private final float[] softLabel;

    public SoftLabelledText(String text, float[] softLabel) {
        this.text = text;
        this.softLabel = softLabel.clone();
    }

    public String text() {
        return text;
    }

    /** Probability of each label, sums to 1. */
    public float[] softLabel() {
        return softLabel.clone();
    }
}
