/**
 * Whom the device believes: servers whose certificates lead to the coordinator's own authority.
 *
 * <p>Start at {@link io.crosslm.edge.tls.ServerTrust}.
 */
@NullMarked
package io.crosslm.edge.tls;

import org.jspecify.annotations.NullMarked;
