/**
 * Start, readiness and stop of the service.
 *
 * <p>Start at {@link io.crosslm.coordinator.ops.StartSequence}.
 */
@NullMarked
package io.crosslm.coordinator.ops;

import org.jspecify.annotations.NullMarked;
