package io.crosslm.edge.data;

/** A private text with its label. Its text appears in no log: {@link #toString} leaves it out. */
public final class Example {
    private final String text;
    private final String label;

    private Example(String text, String label) {
        this.text = text;
        this.label = label;
    }

    /** An example; neither text nor label may be blank. */
    public static Example of(String text, String label) {
        if (text.trim().isEmpty() || label.trim().isEmpty()) {
            throw new IllegalArgumentException("An example needs a text and a label, one is blank");
        }
        return new Example(text, label);
    }

    public String text() {
        return text;
    }

    public String label() {
        return label;
    }

    @Override
    public String toString() {
        return "Example[" + text.length() + " characters]";
    }
}
