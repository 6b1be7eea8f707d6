/**
 * Measures what a language model can do, with standard errors.
 *
 * <p>Start at {@link io.crosslm.llm.evaluation.GeneralTask} for what a model knows, {@link
 * io.crosslm.llm.evaluation.LabelCalibration} for labels, {@link
 * io.crosslm.llm.evaluation.GeneratedTexts} for what it writes.
 */
@NullMarked
package io.crosslm.llm.evaluation;

import org.jspecify.annotations.NullMarked;
