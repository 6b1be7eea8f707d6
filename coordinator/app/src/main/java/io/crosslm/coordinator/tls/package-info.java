/**
 * Encryption of HTTP and MQTT: the coordinator's own certificate authority, or the operator's
 * certificate.
 *
 * <p>Start at {@link io.crosslm.coordinator.tls.Encryption}.
 */
@NullMarked
package io.crosslm.coordinator.tls;

import org.jspecify.annotations.NullMarked;
