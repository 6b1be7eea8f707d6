/**
 * The fleet over MQTT: the broker, embedded or another, who may do what on it, and the
 * coordinator's own client.
 *
 * <p>Start at {@link io.crosslm.coordinator.mqtt.Fleet}.
 */
@NullMarked
package io.crosslm.coordinator.mqtt;

import org.jspecify.annotations.NullMarked;
