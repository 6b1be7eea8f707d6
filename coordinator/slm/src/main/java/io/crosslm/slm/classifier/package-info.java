/**
 * Graphs of classifiers on an encoder: head, adapter, loss, training step.
 *
 * <p>Start at {@link io.crosslm.slm.classifier.TrainGraph}.
 */
@NullMarked
package io.crosslm.slm.classifier;

import org.jspecify.annotations.NullMarked;
