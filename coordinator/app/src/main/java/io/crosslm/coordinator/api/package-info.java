/**
 * The REST service: resources, who may call them, and how errors are told.
 *
 * <p>Start at {@link io.crosslm.coordinator.api.DeviceResource}.
 */
@NullMarked
package io.crosslm.coordinator.api;

import org.jspecify.annotations.NullMarked;
