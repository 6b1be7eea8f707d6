/**
 * TensorFlow Lite on a JVM, by its C API.
 *
 * <p>Start at {@link io.crosslm.edge.tflite.jvm.JvmLibrary}.
 */
@NullMarked
package io.crosslm.edge.tflite.jvm;

import org.jspecify.annotations.NullMarked;
