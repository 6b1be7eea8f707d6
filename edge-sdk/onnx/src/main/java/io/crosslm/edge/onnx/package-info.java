/**
 * Scores and trains SLM packages on a stock ONNX Runtime.
 *
 * <p>Start at {@link io.crosslm.edge.onnx.OnnxEngine}.
 */
@NullMarked
package io.crosslm.edge.onnx;

import org.jspecify.annotations.NullMarked;
