package io.crosslm.sample.note;

/** A note with its label. Its text appears in no log: {@link #toString} leaves it out. */
public record Note(String text, String label) {
    /** Characters of a note's text: {@value}. */
    public static final int MAX_CHARACTERS = 2_000;

    /** A note whose text is trimmed; neither text nor label may be blank. */
    public Note {
        text = text.trim();
        label = label.trim();
        if (text.isEmpty() || label.isEmpty() || text.length() > MAX_CHARACTERS) {
            throw new IllegalArgumentException(
                    "A note needs a label and a text of 1 to "
                            + MAX_CHARACTERS
                            + " characters, but the text has "
                            + text.length());
        }
    }

    @Override
    public String toString() {
        return "Note[" + text.length() + " characters]";
    }
}
