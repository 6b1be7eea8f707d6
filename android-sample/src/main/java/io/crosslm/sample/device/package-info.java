/**
 * The phone as a device of a coordinator: its identity, its client, what it has learnt.
 *
 * <p>Start at {@link io.crosslm.sample.device.Device}.
 */
@NullMarked
package io.crosslm.sample.device;

import org.jspecify.annotations.NullMarked;
