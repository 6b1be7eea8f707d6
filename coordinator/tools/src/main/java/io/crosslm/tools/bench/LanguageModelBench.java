package io.crosslm.tools.bench;

import io.crosslm.llm.Adapter;
import io.crosslm.llm.Completion;
import io.crosslm.llm.GenerationListener;
import io.crosslm.llm.GenerationRequest;
import io.crosslm.llm.LabelExample;
import io.crosslm.llm.PreferencePair;
import io.crosslm.llm.Sampling;
import io.crosslm.llm.TuningJob;
import io.crosslm.llm.TuningResult;
import io.crosslm.llm.TuningSettings;
import io.crosslm.llm.torch.TorchLanguageModel;
import io.crosslm.text.Tokenizer.ControlTokens;
import java.util.ArrayList;
import java.util.List;

/** Speed of a loaded language model at what a round does with it. */
final class LanguageModelBench {
    private static final String[] LABELS = {"negative", "positive"};
    private static final String[] REVIEWS = {
        "The plot is thin, the jokes are old and I looked at my watch all the time.",
        "A warm, funny film with great acting; I left the cinema smiling.",
        "Two hours of noise without a single idea, and the ending makes no sense at all.",
        "Beautifully shot and honestly told, it stays with you for days.",
        "The actors try hard, but nobody could save these flat dialogues.",
        "My children loved it and so did I: clever, quick and full of heart."
    };

    private final TorchLanguageModel model;
    private final BenchOutput out;

    LanguageModelBench(TorchLanguageModel model, BenchOutput out) {
        this.model = model;
        this.out = out;
    }

    /** 16 rows of 24-token prompts, 32 new tokens, nothing ends early. */
    void generate() {
        List<String> prompts = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            prompts.add(
                    (char) ('A' + i)
                            + " cat and a dog went down to the old harbour of the town, where the"
                            + " boats were tied, and then they");
        }
        Sampling sampling = new Sampling(1, 0.95, 32, List.of());
        for (int repeat = 0; repeat < 3; repeat++) {
            complete("generate 16 x 24 + 32", prompts, 1, sampling);
        }
    }

    /** 24 few-shot prompts of about 150 tokens, 8 completions each, as in a round. */
    void fewShot() {
        List<String> prompts = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            prompts.add(prompt(i));
        }
        int tokens = model.tokenizer().encode(prompts.get(0), ControlTokens.AS_TEXT).length;
        Sampling sampling = new Sampling(1, 0.95, 32, List.of("\n"));
        complete("few-shot 24 x 8 of " + tokens + " tokens", prompts, 8, sampling);
    }

    private static String prompt(int number) {
        StringBuilder prompt = new StringBuilder();
        for (int i = 0; i < 6; i++) {
            int at = (i + number) % 6;
            prompt.append("Sentiment: ").append(LABELS[at % 2]);
            prompt.append("\nReview: ").append(REVIEWS[at]).append("\n\n");
        }
        return prompt + "Sentiment: " + LABELS[number % 2] + "\nReview:";
    }

    private void complete(String name, List<String> prompts, int each, Sampling sampling) {
        long start = System.nanoTime();
        List<Completion> done =
                model.generate(
                        new GenerationRequest(prompts, each, sampling, 1, Adapter.none()),
                        GenerationListener.noop());
        long tokens = done.stream().mapToLong(Completion::tokenCount).sum();
        double seconds = BenchOutput.seconds(start);
        out.line(name + ": %d tokens in %.2f s, %.0f tokens/s", tokens, seconds, tokens / seconds);
    }

    /** Likelihoods of two label words after each of 192 texts. */
    void labels() {
        List<String> contexts = new ArrayList<>();
        for (int i = 0; i < 192; i++) {
            contexts.add("Review: " + REVIEWS[i % 6] + "\nThe sentiment of this review is");
        }
        long start = System.nanoTime();
        model.logLikelihoods(contexts, List.of(" negative", " positive"), Adapter.none());
        out.line(
                "label likelihoods of %d texts: %.2f s",
                contexts.size(), BenchOutput.seconds(start));
    }

    /** 24 pairs, two passes, with lessons and replay as by default. */
    void tune() {
        List<PreferencePair> pairs = new ArrayList<>();
        List<LabelExample> examples = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            pairs.add(
                    new PreferencePair(
                            prompt(i),
                            " " + REVIEWS[(i + 1) % 2 == 0 ? 1 : 0] + "\n",
                            " " + REVIEWS[i % 2 == 0 ? 5 : 4] + "\n"));
            examples.add(
                    new LabelExample(
                            "Review: " + REVIEWS[i % 6] + "\nThe sentiment of this review is",
                            List.of(i % 2 == 0 ? 0.9 : 0.1, i % 2 == 0 ? 0.1 : 0.9)));
        }
        TuningJob job =
                new TuningJob(
                        pairs,
                        examples,
                        List.of(" negative", " positive"),
                        Adapter.none(),
                        TuningSettings.defaults(),
                        1,
                        1);
        long start = System.nanoTime();
        long[] first = new long[1];
        TuningResult result =
                model.tune(
                        job,
                        (step, all, loss) -> {
                            if (step == 1) {
                                first[0] = System.nanoTime();
                            }
                            return true;
                        });
        out.line(
                "tune %d steps: %.1f s in all, %.2f s a step, loss %.3f -> %.3f, replay KL %.4f",
                result.steps(),
                BenchOutput.seconds(start),
                BenchOutput.seconds(first[0]) / (result.steps() - 1),
                result.firstLoss(),
                result.lastLoss(),
                result.replayKl());
        start = System.nanoTime();
        double kl = model.divergence(result.adapter(), 96, 40, 1);
        out.line("divergence %.4f in %.1f s", kl, BenchOutput.seconds(start));
    }
}
