/**
 * What engines have in common: reading packages, the course of a training, saved states.
 *
 * <p>Start at {@link io.crosslm.edge.engine.Trainer}.
 */
@NullMarked
package io.crosslm.edge.engine;

import org.jspecify.annotations.NullMarked;
