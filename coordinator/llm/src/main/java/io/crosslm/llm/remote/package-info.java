/**
 * A language model behind a server with OpenAI's completions API: it writes and, where the server
 * gives log-probabilities, says how likely text is.
 *
 * <p>Start at {@link io.crosslm.llm.remote.RemoteLanguageModel}.
 */
@NullMarked
package io.crosslm.llm.remote;

import org.jspecify.annotations.NullMarked;
