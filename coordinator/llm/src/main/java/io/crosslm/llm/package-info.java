/**
 * Ports and records of a large language model that writes, scores and learns.
 *
 * <p>Start at {@link io.crosslm.llm.LanguageModel}.
 */
@NullMarked
package io.crosslm.llm;

import org.jspecify.annotations.NullMarked;
