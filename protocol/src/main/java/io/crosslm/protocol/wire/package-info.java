/**
 * The messages of the protocol, generated from {@code crosslm.proto}, and what reads, checks and
 * writes them.
 *
 * <p>Start at {@link io.crosslm.protocol.wire.WireReader}.
 */
@NullMarked
package io.crosslm.protocol.wire;

import org.jspecify.annotations.NullMarked;
