/**
 * The private data: notes with labels, where they are kept, and how they are imported.
 *
 * <p>Start at {@link io.crosslm.sample.note.NoteBook}.
 */
@NullMarked
package io.crosslm.sample.note;

import org.jspecify.annotations.NullMarked;
