/**
 * What an engine for small language models must offer.
 *
 * <p>Start at {@link io.crosslm.edge.model.LocalModel}.
 */
@NullMarked
package io.crosslm.edge.model;

import org.jspecify.annotations.NullMarked;
