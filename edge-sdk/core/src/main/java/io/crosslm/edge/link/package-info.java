/**
 * The connection to the broker: what the library needs of one, and Paho behind it.
 *
 * <p>Start at {@link io.crosslm.edge.link.DeviceLink}.
 */
@NullMarked
package io.crosslm.edge.link;

import org.jspecify.annotations.NullMarked;
