/**
 * The coordinator's settings, read once at start.
 *
 * <p>Start at {@link io.crosslm.coordinator.config.CoordinatorConfig}.
 */
@NullMarked
package io.crosslm.coordinator.config;

import org.jspecify.annotations.NullMarked;
