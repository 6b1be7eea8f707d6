/**
 * Ports and records of a large language model that writes, scores and learns.
 *
 * <p>Start at {@link io.crosslm.llm.LanguageModel}. {@link
 * io.crosslm.llm.torch.TorchLanguageModel#open(java.nio.file.Path,
 * io.crosslm.llm.torch.TorchSettings)} gives one out of a file, {@link
 * io.crosslm.llm.source.ModelCatalogue} fetches a file. {@link
 * io.crosslm.llm.remote.RemoteLanguageModel} is one behind a server, which writes and does not
 * learn.
 *
 * <pre>{@code
 * try (LanguageModel model = TorchLanguageModel.open(path, TorchSettings.defaults())) {
 *     TuningJob job = TuningJob.ofPairs(pairs, TuningSettings.defaults(), seed);
 *     Adapter adapter = model.tune(job, TuningListener.noop()).adapter();
 *     model.generate(
 *             new GenerationRequest(List.of(prompt), 1, Sampling.of(40), seed, adapter),
 *             GenerationListener.noop());
 *     PeftAdapter.write(adapter, model.description().name(), folder);
 * }
 * }</pre>
 *
 * <p><b>Threads.</b> A model may be called from any thread. One in this process works on one thread
 * of its own, call after call; callers wait, and an interrupt ends their call. Listeners are called
 * on the model's thread: they return at once and do not call the model, which would wait for
 * itself. The records are immutable.
 *
 * <p><b>Memory.</b> Weights are outside the Java heap until {@link
 * io.crosslm.llm.LanguageModel#close}: 4 bytes a weight in fp32, 2 in bf16, also where the file is
 * quantised. {@link io.crosslm.llm.torch.MemoryPlan} says beforehand what work takes; opening
 * refuses a model that cannot fit.
 *
 * <p><b>Adapters.</b> Weights never change. An {@link io.crosslm.llm.Adapter} goes into each call,
 * so that one model serves many, and tuning gives a new one. {@link
 * io.crosslm.llm.format.PeftAdapter} writes and reads them as PEFT does; {@link
 * io.crosslm.llm.export.ModelExport} merges one into the weights.
 *
 * <p><b>Streaming.</b> A {@link io.crosslm.llm.GenerationListener} whose {@code streams} is true
 * hears each piece of text as soon as it is sure; all pieces together are the completion's text.
 *
 * <p><b>Checkpoints.</b> With {@link io.crosslm.llm.TuningCheckpoints#in} a job that was killed
 * goes on where it stopped, to the same bits. Without, it begins anew, to the same bits too.
 *
 * <p><b>Errors.</b> {@link io.crosslm.llm.LanguageModelException} with a code; wrong arguments of
 * records are IllegalArgumentException.
 */
@NullMarked
package io.crosslm.llm;

import org.jspecify.annotations.NullMarked;
