package io.crosslm.coordinator.round;

import io.crosslm.llm.Adapter;
import io.crosslm.llm.Completion;
import io.crosslm.llm.GenerationListener;
import io.crosslm.llm.GenerationRequest;
import io.crosslm.llm.LanguageModel;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.ModelDescription;
import io.crosslm.llm.TuningCheckpoints;
import io.crosslm.llm.TuningJob;
import io.crosslm.llm.TuningListener;
import io.crosslm.llm.TuningResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Writes weather reports out of word lists, two of three as asked, more with every tuning; finds
 * labels by counting words. Everything depends on its arguments alone.
 */
public final class FakeLanguageModel implements LanguageModel {
    static final List<List<String>> WORDS =
            List.of(
                    List.of("bright", "warm", "blue", "golden", "cloudless", "dazzling", "clear"),
                    List.of("wet", "grey", "stormy", "soaking", "drizzly", "dripping", "puddled"));

    /** File of a tuning that has not ended well. */
    static final String CHECKPOINT = "1.tuning";

    private static final List<String> PLACES =
            List.of("harbour", "valley", "old town", "market", "island", "hills", "river bank");

    /** Nats a token of one tuning; of n, n squared as many. */
    private final double divergence;

    /** Nats of a continuation that one tuning costs. */
    private final double forgetting;

    /** What it says it is. */
    ModelDescription description = new ModelDescription("fake", "00", 0, "fp32", "cpu");

    /** Runs before a tuning; may throw. */
    Runnable beforeTuning = () -> {};

    public FakeLanguageModel(double divergence) {
        this(divergence, 0);
    }

    FakeLanguageModel(double divergence, double forgetting) {
        this.divergence = divergence;
        this.forgetting = forgetting;
    }

    @Override
    public List<Completion> generate(GenerationRequest request, GenerationListener listener) {
        Random random = new Random(request.seed());
        List<Completion> completions = new ArrayList<>();
        for (int p = 0; p < request.prompts().size(); p++) {
            boolean rain = request.prompts().get(p).endsWith("Kind: rain\nReport:");
            for (int j = 0; j < request.completionsPerPrompt(); j++) {
                boolean asAsked = random.nextDouble() < 0.66 + 0.1 * level(request.adapter());
                List<String> words = WORDS.get(rain == asAsked ? 1 : 0);
                String text =
                        String.format(
                                " a %s and %s day in the %s, number %d",
                                words.get(random.nextInt(words.size())),
                                words.get(random.nextInt(words.size())),
                                PLACES.get(random.nextInt(PLACES.size())),
                                random.nextInt(1000));
                completions.add(
                        new Completion(
                                p,
                                random.nextInt(20) == 0 ? " short" : text,
                                12,
                                Completion.Finish.STOP));
            }
        }
        listener.progressed(completions.size(), completions.size(), 12L * completions.size());
        return completions;
    }

    @Override
    public double[][] logLikelihoods(
            List<String> contexts, List<String> continuations, Adapter adapter) {
        return contexts.stream()
                .map(
                        context ->
                                new double[] {
                                    -4 + count(context, WORDS.get(0)),
                                    -6 + count(context, WORDS.get(1))
                                })
                .toArray(double[][]::new);
    }

    static int count(String text, List<String> words) {
        return (int) words.stream().filter(text::contains).count();
    }

    @Override
    public List<ContinuationScore> score(List<Continuation> continuations, Adapter adapter) {
        double nats = 1 + forgetting * amount(adapter);
        return continuations.stream().map(c -> new ContinuationScore(-nats, true, 1)).toList();
    }

    @Override
    public TuningResult tune(
            TuningJob job, TuningCheckpoints checkpoints, TuningListener listener) {
        checkpoints.folder().ifPresent(FakeLanguageModel::write);
        beforeTuning.run();
        if (!listener.stepped(1, 1, 0.5)) {
            throw new LanguageModelException(
                    LanguageModelException.Code.CANCELLED, "the caller ended the tuning");
        }
        checkpoints.folder().ifPresent(FakeLanguageModel::delete);
        // The second value tells one job's adapter from another's.
        float[] trace = {
            level(job.start()) + 1, job.pairs().hashCode() ^ job.labelExamples().hashCode()
        };
        Adapter tuned =
                Adapter.of(1, 1, Map.of("q", new Adapter.Matrices(2, 1, trace, new float[] {1})));
        return new TuningResult(tuned, 1, 0.5, 0.4, 0.01);
    }

    private static void write(Path folder) {
        try {
            Files.writeString(Files.createDirectories(folder).resolve(CHECKPOINT), "a step");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path folder) {
        try {
            Files.delete(folder.resolve(CHECKPOINT));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int level(Adapter adapter) {
        return adapter.isNone() ? 0 : (int) adapter.matrices("q").a()[0];
    }

    /** As the level, with the part of a tuning that a guard let through. */
    private static double amount(Adapter adapter) {
        return adapter.isNone() ? 0 : adapter.matrices("q").a()[0] * adapter.matrices("q").b()[0];
    }

    @Override
    public double divergence(Adapter adapter, int texts, int tokens, long seed) {
        return divergence * Math.pow(amount(adapter), 2);
    }

    @Override
    public ModelDescription description() {
        return description;
    }

    @Override
    public void close() {}
}
