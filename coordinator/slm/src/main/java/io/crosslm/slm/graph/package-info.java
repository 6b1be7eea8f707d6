/**
 * ONNX graphs that can be read, changed and written.
 *
 * <p>Start at {@link io.crosslm.slm.graph.Graph}.
 */
@NullMarked
package io.crosslm.slm.graph;

import org.jspecify.annotations.NullMarked;
