/**
 * The SLM engine on TensorFlow Lite.
 *
 * <p>Start at {@link io.crosslm.edge.tflite.TfliteEngine}.
 */
@NullMarked
package io.crosslm.edge.tflite;

import org.jspecify.annotations.NullMarked;
