/**
 * The device's part of a round: what it takes, decides, computes and sends. No API.
 *
 * <p>Start at {@link io.crosslm.edge.internal.DeviceService}.
 */
@NullMarked
package io.crosslm.edge.internal;

import org.jspecify.annotations.NullMarked;
