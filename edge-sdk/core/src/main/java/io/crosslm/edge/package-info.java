/**
 * The device library: it holds private examples, scores synthetic samples and trains small models,
 * and lets neither text nor weights out.
 *
 * <p>Start at {@link io.crosslm.edge.EdgeClient}.
 */
@NullMarked
package io.crosslm.edge;

import org.jspecify.annotations.NullMarked;
