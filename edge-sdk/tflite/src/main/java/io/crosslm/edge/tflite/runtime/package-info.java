/**
 * What this engine needs of TensorFlow Lite, so that its JVM and its Android library both fit.
 *
 * <p>Start at {@link io.crosslm.edge.tflite.runtime.SignatureRuntime}.
 */
@NullMarked
package io.crosslm.edge.tflite.runtime;

import org.jspecify.annotations.NullMarked;
