/**
 * Reverse-mode differentiation of ONNX graphs into standard operators.
 *
 * <p>Start at {@link io.crosslm.slm.autodiff.Differentiator}.
 */
@NullMarked
package io.crosslm.slm.autodiff;

import org.jspecify.annotations.NullMarked;
