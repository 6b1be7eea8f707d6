/**
 * MQTT topic names as value types, built and parsed.
 *
 * <p>Start at {@link io.crosslm.protocol.topic.Topics}.
 */
@NullMarked
package io.crosslm.protocol.topic;

import org.jspecify.annotations.NullMarked;
