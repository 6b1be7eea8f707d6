package io.crosslm.agent;

import org.jspecify.annotations.Nullable;

/** The records of a data file, read one after the other. */
interface Rows {
    /** The next record, or null after the last. */
    @Nullable Row next();
}
