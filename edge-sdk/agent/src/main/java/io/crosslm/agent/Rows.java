package io.crosslm.agent;

import org.jspecify.annotations.Nullable;

/** The records of a data file, read one after the other. */
interface Rows {
    /** The next record, or null after the last. */
    @Nullable Row next();

    /**
     * Whether the record met last, returned or in error, reaches to the end of a file whose last
     * line has no end: a writer may be about to write the rest of it.
     */
    boolean mayBeCut();
}
