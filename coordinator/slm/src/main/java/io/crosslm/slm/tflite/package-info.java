/**
 * Writes TensorFlow Lite models that train on a device, in plain Java.
 *
 * <p>Start at {@link io.crosslm.slm.tflite.EmbeddingBagModel}.
 */
@NullMarked
package io.crosslm.slm.tflite;

import org.jspecify.annotations.NullMarked;
