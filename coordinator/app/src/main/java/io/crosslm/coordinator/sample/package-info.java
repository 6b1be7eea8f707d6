/**
 * Synthetic samples: how they are asked for, which are dropped and which join the pool.
 *
 * <p>Start at {@link io.crosslm.coordinator.sample.SampleWriter}.
 */
@NullMarked
package io.crosslm.coordinator.sample;

import org.jspecify.annotations.NullMarked;
