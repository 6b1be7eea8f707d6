/**
 * The registry of devices: enrolment, credentials, revocation, who is online.
 *
 * <p>Start at {@link io.crosslm.coordinator.device.DeviceRegistry}.
 */
@NullMarked
package io.crosslm.coordinator.device;

import org.jspecify.annotations.NullMarked;
