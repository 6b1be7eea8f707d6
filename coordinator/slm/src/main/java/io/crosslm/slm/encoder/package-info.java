/**
 * Public sentence encoders: where their files come from, and embeddings on the coordinator.
 *
 * <p>Start at {@link io.crosslm.slm.encoder.SentenceEncoder}.
 */
@NullMarked
package io.crosslm.slm.encoder;

import org.jspecify.annotations.NullMarked;
