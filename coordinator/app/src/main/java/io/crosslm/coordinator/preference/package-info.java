/**
 * Lessons for the language model, made of fused opinions.
 *
 * <p>Start at {@link io.crosslm.coordinator.preference.HindsightPairs}.
 */
@NullMarked
package io.crosslm.coordinator.preference;

import org.jspecify.annotations.NullMarked;
