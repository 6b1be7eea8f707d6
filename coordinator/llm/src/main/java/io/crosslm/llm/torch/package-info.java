/**
 * The language model on PyTorch by DJL: program, weights, generation, likelihoods, tuning.
 *
 * <p>Start at {@link io.crosslm.llm.torch.TorchLanguageModel}.
 */
@NullMarked
package io.crosslm.llm.torch;

import org.jspecify.annotations.NullMarked;
