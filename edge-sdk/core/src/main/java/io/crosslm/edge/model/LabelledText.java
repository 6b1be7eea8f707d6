package io.crosslm.edge.model;

/** A text and the index of its label. */
public record LabelledText(String text, int label) {
    @Override
    public String toString() {
        return "LabelledText[" + text.length() + " characters]";
    }
}
