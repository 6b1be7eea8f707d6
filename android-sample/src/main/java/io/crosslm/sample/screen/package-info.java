/**
 * What the user sees and touches.
 *
 * <p>Start at {@link io.crosslm.sample.screen.MainActivity}.
 */
@NullMarked
package io.crosslm.sample.screen;

import org.jspecify.annotations.NullMarked;
