/**
 * The coordinator's error type; everything else lives in the packages below.
 *
 * <p>Start at {@link io.crosslm.coordinator.round.FleetLink}.
 */
@NullMarked
package io.crosslm.coordinator;

import org.jspecify.annotations.NullMarked;
