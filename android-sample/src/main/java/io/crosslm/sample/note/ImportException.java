package io.crosslm.sample.note;

/** A file that is not imported; holds no text of it. */
public final class ImportException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Reason reason;
    private final long line;

    ImportException(Reason reason, long line) {
        super(reason + " at line " + line);
        this.reason = reason;
        this.line = line;
    }

    public Reason reason() {
        return reason;
    }

    /** Line in the file, from 1; 0 if the whole file is meant. */
    public long line() {
        return line;
    }

    /** What is wrong. */
    public enum Reason {
        /** It has more bytes than {@link NoteFile#MAX_BYTES}. */
        TOO_LARGE,
        /** It has more notes than the book has room for. */
        TOO_MANY,
        /** It is neither JSON Lines nor CSV with the columns text and label, or not UTF-8. */
        MALFORMED,
        /** A label is not one of the task's. */
        WRONG_LABEL,
        /** A text is blank or longer than {@link Note#MAX_CHARACTERS}. */
        BAD_TEXT,
        /** It has no note. */
        EMPTY
    }
}
