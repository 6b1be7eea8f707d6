package io.crosslm.tools.bench;

import com.google.gson.JsonObject;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.Completion;
import io.crosslm.llm.GenerationListener;
import io.crosslm.llm.GenerationRequest;
import io.crosslm.llm.OptimiserSettings;
import io.crosslm.llm.PreferenceLoss;
import io.crosslm.llm.PreferencePair;
import io.crosslm.llm.ReplaySettings;
import io.crosslm.llm.Sampling;
import io.crosslm.llm.TuningJob;
import io.crosslm.llm.TuningSettings;
import io.crosslm.llm.torch.TorchLanguageModel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/** Fixed pieces of work with a loaded model, timed run by run. Lines are those of the peers. */
final class Measurement {
    private final TorchLanguageModel model;
    private final ProcessGauge gauge;
    private final int runs;
    private final int warmup;

    Measurement(TorchLanguageModel model, ProcessGauge gauge, int runs, int warmup) {
        this.model = model;
        this.gauge = gauge;
        this.runs = runs;
        this.warmup = warmup;
    }

    /**
     * Tokens a second over prompts and new tokens. No completion may end before it has all its
     * tokens, so that the work is fixed.
     */
    String generate(int rows, int each, int promptTokens, int newTokens) {
        List<String> prompts = new ExactTexts(model.tokenizer()).windows(rows, promptTokens);
        Sampling sampling = new Sampling(1, 0.95, newTokens, List.of()).withMinNewTokens(newTokens);
        for (int done = 0; done < warmup; done++) {
            drawn(prompts, each, sampling);
        }
        gauge.resetCpu();
        List<Double> seconds = new ArrayList<>();
        List<Double> cpu = new ArrayList<>();
        for (int run = 0; run < runs; run++) {
            double cpuStart = ProcessGauge.cpuSeconds();
            long start = System.nanoTime();
            long tokens = drawn(prompts, each, sampling);
            seconds.add(BenchOutput.seconds(start));
            cpu.add(ProcessGauge.cpuSeconds() - cpuStart);
            if (tokens != (long) rows * each * newTokens) {
                throw new IllegalStateException("A completion ended early");
            }
        }
        double tokens = (double) rows * each * newTokens;
        JsonObject line = line("generate", "tokens/s", cpu);
        line.addProperty("value", digits(tokens / Collections.min(seconds)));
        line.addProperty("median", digits(tokens / median(seconds)));
        line.addProperty("batch", rows * each);
        line.addProperty("prompt_tokens", promptTokens);
        return line.toString();
    }

    private long drawn(List<String> prompts, int each, Sampling sampling) {
        GenerationRequest request =
                new GenerationRequest(prompts, each, sampling, 1, Adapter.none());
        List<Completion> done = model.generate(request, GenerationListener.noop());
        return done.stream().mapToLong(Completion::tokenCount).sum();
    }

    /** Seconds of a DPO step, from the end of the step before; references are computed before. */
    String dpo(int pairs, int length, int promptTokens) {
        int steps = Math.max(1, warmup) + runs;
        long[] ends = new long[steps];
        double[] losses = new double[steps];
        double[] cpuEnds = new double[steps];
        model.tune(
                job(pairs, steps, length, promptTokens),
                (step, all, loss) -> {
                    ends[step - 1] = System.nanoTime();
                    cpuEnds[step - 1] = ProcessGauge.cpuSeconds();
                    losses[step - 1] = loss;
                    if (step == steps - runs) {
                        gauge.resetCpu();
                    }
                    return true;
                });
        List<Double> seconds = new ArrayList<>();
        List<Double> cpu = new ArrayList<>();
        for (int step = steps - runs; step < steps; step++) {
            seconds.add((ends[step] - ends[step - 1]) / 1e9);
            cpu.add(cpuEnds[step] - cpuEnds[step - 1]);
        }
        JsonObject line = line("lora-dpo-step", "s", cpu);
        line.addProperty("value", digits(Collections.min(seconds)));
        line.addProperty("median", digits(median(seconds)));
        line.addProperty("sequences", 2 * pairs);
        line.addProperty("length", length);
        line.addProperty("loss_first", digits(losses[0]));
        line.addProperty("loss_last", digits(losses[steps - 1]));
        return line.toString();
    }

    private TuningJob job(int pairs, int steps, int length, int promptTokens) {
        ExactTexts texts = new ExactTexts(model.tokenizer());
        SplittableRandom random = new SplittableRandom(1);
        List<PreferencePair> all = new ArrayList<>();
        for (int i = 0; i < pairs * steps; i++) {
            all.add(
                    new PreferencePair(
                            texts.words(promptTokens, random),
                            texts.words(length - promptTokens, random),
                            texts.words(length - promptTokens, random)));
        }
        TuningSettings settings =
                TuningSettings.defaults()
                        .withOptimiser(OptimiserSettings.defaults().withLearningRate(5e-5))
                        .withPreference(new PreferenceLoss(PreferenceLoss.Kind.DPO, 0.1, 0))
                        .withPasses(1)
                        .withPairsPerStep(pairs)
                        .withReplay(ReplaySettings.off());
        return new TuningJob(all, List.of(), List.of(), Adapter.none(), settings, 1, 1);
    }

    private JsonObject line(String metric, String unit, List<Double> cpu) {
        JsonObject line = new JsonObject();
        line.addProperty("name", "crosslm");
        line.addProperty("metric", metric);
        line.addProperty("unit", unit);
        line.addProperty("dtype", model.description().dataType());
        line.addProperty("runs", runs);
        line.addProperty("cpu_s", digits(Collections.min(cpu)));
        line.addProperty("other_cpu", digits(gauge.otherCpu()));
        line.addProperty("peak_rss_mib", gauge.peakMib());
        return line;
    }

    static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1
                ? sorted.get(middle)
                : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    /** Four digits that count. */
    static double digits(double value) {
        return Double.parseDouble(String.format(java.util.Locale.ROOT, "%.4g", value));
    }
}
