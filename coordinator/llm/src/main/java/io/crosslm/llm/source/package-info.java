/**
 * Where language models come from: a small catalogue of pinned files, the sources that have them,
 * and the folder that keeps them.
 *
 * <p>Start at {@link io.crosslm.llm.source.ModelCatalogue}.
 */
@NullMarked
package io.crosslm.llm.source;

import org.jspecify.annotations.NullMarked;
