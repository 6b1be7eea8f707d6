/**
 * The coordinator's use of small models: embeddings, judges and packages for devices.
 *
 * <p>Start at {@link io.crosslm.coordinator.slm.BaseEncoder}.
 */
@NullMarked
package io.crosslm.coordinator.slm;

import org.jspecify.annotations.NullMarked;
