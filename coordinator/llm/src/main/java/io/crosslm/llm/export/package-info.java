/**
 * Writers of whole models for other programs: a folder for Hugging Face's Transformers, a GGUF file
 * for llama.cpp, with an adapter merged into the weights.
 *
 * <p>Start at {@link io.crosslm.llm.export.ModelExport}.
 */
@NullMarked
package io.crosslm.llm.export;

import org.jspecify.annotations.NullMarked;
