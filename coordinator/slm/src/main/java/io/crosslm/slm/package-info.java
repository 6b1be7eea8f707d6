/**
 * Small language models on the coordinator's side: packages that devices train, and embeddings.
 *
 * <p>Start at {@link io.crosslm.slm.encoder.SentenceEncoder}.
 */
@NullMarked
package io.crosslm.slm;

import org.jspecify.annotations.NullMarked;
