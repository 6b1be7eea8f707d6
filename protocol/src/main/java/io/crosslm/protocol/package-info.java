/**
 * What coordinator and devices say to each other: ids, limits, topics and messages of protocol
 * version 1.
 *
 * <p>Start at {@link io.crosslm.protocol.topic.Topics}.
 */
@NullMarked
package io.crosslm.protocol;

import org.jspecify.annotations.NullMarked;
