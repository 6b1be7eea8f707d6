/**
 * A round from plan to close: its state machine, and the ports to storage and to the fleet.
 *
 * <p>Start at {@link io.crosslm.coordinator.round.RoundEngine}.
 */
@NullMarked
package io.crosslm.coordinator.round;

import org.jspecify.annotations.NullMarked;
