/**
 * Readers of model files: GGUF, safetensors, config.json, PEFT adapters.
 *
 * <p>Start at {@link io.crosslm.llm.format.ModelFiles}.
 */
@NullMarked
package io.crosslm.llm.format;

import org.jspecify.annotations.NullMarked;
