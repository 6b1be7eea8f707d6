/**
 * What devices and the language model think of samples, and the one truth made of it.
 *
 * <p>Start at {@link io.crosslm.coordinator.feedback.Fusion}.
 */
@NullMarked
package io.crosslm.coordinator.feedback;

import org.jspecify.annotations.NullMarked;
