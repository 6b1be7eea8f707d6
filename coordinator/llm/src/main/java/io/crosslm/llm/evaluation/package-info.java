/**
 * Measures what a language model can do, with standard errors.
 *
 * <p>Start at {@link io.crosslm.llm.evaluation.LastWords}.
 */
@NullMarked
package io.crosslm.llm.evaluation;

import org.jspecify.annotations.NullMarked;
