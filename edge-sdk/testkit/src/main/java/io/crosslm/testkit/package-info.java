/**
 * Fakes that behave like the real thing and the contract tests that both must pass.
 *
 * <p>Start at {@link io.crosslm.testkit.FormulaEngine}.
 */
@NullMarked
package io.crosslm.testkit;

import org.jspecify.annotations.NullMarked;
