/**
 * TensorFlow Lite on a JVM, by its C API.
 *
 * <p>Start at {@link io.crosslm.edge.tflite.bytedeco.BytedecoLibrary}.
 */
@NullMarked
package io.crosslm.edge.tflite.bytedeco;

import org.jspecify.annotations.NullMarked;
