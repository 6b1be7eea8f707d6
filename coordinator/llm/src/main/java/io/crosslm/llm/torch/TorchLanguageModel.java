package io.crosslm.llm.torch;

import io.crosslm.llm.Adapter;
import io.crosslm.llm.Completion;
import io.crosslm.llm.GenerationListener;
import io.crosslm.llm.GenerationRequest;
import io.crosslm.llm.LanguageModel;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.ModelDescription;
import io.crosslm.llm.TuningCheckpoints;
import io.crosslm.llm.TuningJob;
import io.crosslm.llm.TuningListener;
import io.crosslm.llm.TuningResult;
import io.crosslm.llm.format.ModelFiles;
import io.crosslm.text.Tokenizer;
import io.crosslm.text.Tokenizer.ControlTokens;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A language model on PyTorch's CPU or CUDA library, by DJL.
 *
 * <p>Thread-safe: calls queue up for the model's one thread.
 */
public final class TorchLanguageModel implements LanguageModel {
    private final ModelThread thread;
    private final Decoder decoder;
    private final ModelDescription description;
    private final Tokenizer tokenizer;
    private final Prompts prompts;
    private final PairEncoder pairs;
    private final Completions completions;
    private final Tuner tuner;
    private final AtomicBoolean closed = new AtomicBoolean();

    private TorchLanguageModel(
            ModelThread thread,
            Decoder decoder,
            ModelDescription description,
            Tokenizer tokenizer,
            String fingerprint) {
        this.thread = thread;
        this.decoder = decoder;
        this.description = description;
        this.tokenizer = tokenizer;
        prompts = new Prompts(tokenizer, decoder.configuration().contextLength());
        pairs =
                new PairEncoder(
                        tokenizer,
                        decoder.configuration().prefixToken(),
                        decoder.configuration().contextLength());
        completions = new Completions(decoder, tokenizer, prompts);
        tuner = new Tuner(decoder, tokenizer, prompts, fingerprint);
    }

    /**
     * Loads a GGUF file or a folder with config.json, safetensors and tokenizer.json. Hashes of
     * weight files of {@value RememberedHashes#LARGE_BYTES} bytes or more are remembered in the
     * cache for models.
     *
     * @throws LanguageModelException if it cannot be read or is not supported, or needs more memory
     *     than there is
     */
    public static TorchLanguageModel open(Path fileOrFolder, TorchSettings settings) {
        try (ModelFiles files = ModelFiles.open(fileOrFolder)) {
            Tokenizer tokenizer =
                    files.tokenizer()
                            .orElseThrow(
                                    () ->
                                            new LanguageModelException(
                                                    Code.UNSUPPORTED_MODEL,
                                                    fileOrFolder
                                                            + " has no tokenizer; put its"
                                                            + " tokenizer.json beside the"
                                                            + " weights"));
            return open(files, tokenizer, settings);
        }
    }

    /** Loads a model with a tokenizer that does not lie beside it. */
    public static TorchLanguageModel open(
            ModelFiles files, Tokenizer tokenizer, TorchSettings settings) {
        return open(files, tokenizer, settings, RememberedHashes.standard(System.getenv()));
    }

    static TorchLanguageModel open(
            ModelFiles files,
            Tokenizer tokenizer,
            TorchSettings settings,
            RememberedHashes remembered) {
        if (tokenizer.vocabularySize() > files.configuration().vocabularySize()) {
            throw new LanguageModelException(
                    Code.MALFORMED_FILE,
                    "the tokenizer has "
                            + tokenizer.vocabularySize()
                            + " ids, the model only "
                            + files.configuration().vocabularySize());
        }
        MemoryPlan.of(files, settings, ModelWorkload.smallest()).requireFits(MemorySource.system());
        WeightHashes hashes = WeightHashes.of(files, remembered);
        ModelThread thread = new ModelThread("crosslm-llm-" + files.name());
        AtomicReference<@Nullable Decoder> loaded = new AtomicReference<>();
        try {
            Decoder decoder =
                    thread.call(
                            () -> {
                                Decoder made = Decoder.load(files, settings);
                                loaded.set(made);
                                return made;
                            });
            ModelDescription description =
                    new ModelDescription(
                            files.name(),
                            hashes.together(),
                            decoder.parameterCount(),
                            settings.dataType().id(),
                            settings.device());
            String fingerprint =
                    TuningFingerprint.ofModel(hashes.each(), files.configuration(), settings);
            return new TorchLanguageModel(thread, decoder, description, tokenizer, fingerprint);
        } catch (RuntimeException e) {
            // After an interrupt the thread may have loaded it for nobody.
            thread.close();
            Decoder unused = loaded.get();
            if (unused != null) {
                unused.close();
            }
            throw e;
        }
    }

    @Override
    public ModelDescription description() {
        return description;
    }

    /** The model's tokenizer. */
    public Tokenizer tokenizer() {
        return tokenizer;
    }

    @Override
    public List<Completion> generate(GenerationRequest request, GenerationListener listener) {
        return thread.call(() -> completions.generate(request, listener));
    }

    @Override
    public double[][] logLikelihoods(
            List<String> contexts, List<String> continuations, Adapter adapter) {
        List<int[]> branches = new ArrayList<>();
        int room = 0;
        for (String continuation : continuations) {
            int[] ids = tokenizer.encode(continuation, ControlTokens.AS_TEXT);
            branches.add(ids);
            room = Math.max(room, ids.length);
        }
        List<Likelihoods.Item> items = new ArrayList<>();
        for (int i = 0; i < contexts.size(); i++) {
            items.add(new Likelihoods.Item(prompts.encode(contexts.get(i), i, room), branches));
        }
        List<List<ContinuationScore>> scores = scores(items, adapter);
        double[][] results = new double[contexts.size()][];
        Arrays.setAll(
                results,
                i ->
                        scores.get(i).stream()
                                .mapToDouble(ContinuationScore::logLikelihood)
                                .toArray());
        return results;
    }

    @Override
    public List<ContinuationScore> score(List<Continuation> continuations, Adapter adapter) {
        SharedContexts contexts = new SharedContexts();
        for (int i = 0; i < continuations.size(); i++) {
            PairEncoder.Pair pair = pairs.encode(continuations.get(i), i);
            contexts.add(pair.context(), pair.continuation());
        }
        return contexts.inOrder(scores(contexts.items(), adapter));
    }

    private List<List<ContinuationScore>> scores(List<Likelihoods.Item> items, Adapter adapter) {
        if (items.isEmpty()) {
            return List.of();
        }
        return thread.call(() -> new Likelihoods(decoder, decoder.adapter(adapter)).scores(items));
    }

    @Override
    public TuningResult tune(
            TuningJob job, TuningCheckpoints checkpoints, TuningListener listener) {
        return thread.call(() -> tuner.tune(job, checkpoints, listener));
    }

    @Override
    public double divergence(Adapter adapter, int texts, int tokens, long seed) {
        return thread.call(() -> tuner.divergence(adapter, texts, tokens, seed));
    }

    /** For tests: work with the decoder on the model's thread. */
    <T> T withDecoder(Function<Decoder, T> work) {
        Callable<T> call = () -> work.apply(decoder);
        return thread.call(call);
    }

    /** Lets calls that wait end first, but drops them if this thread is interrupted. */
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        thread.close();
        // Nobody else can reach it now, so this thread may.
        decoder.close();
    }
}
