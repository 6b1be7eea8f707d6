package io.crosslm.llm;

import io.crosslm.llm.torch.TorchLanguageModel;
import io.crosslm.llm.torch.TorchSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Prints speed and memory of SmolLM2 on this machine.
 *
 * <p>Arguments: data type (fp32 or bf16), then any of generate, fewshot, labels, tune; all without.
 */
public final class LanguageModelBenchmark {
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

    private LanguageModelBenchmark(TorchLanguageModel model) {
        this.model = model;
    }

    /** Runs the benchmark. */
    public static void main(String[] arguments) throws IOException {
        List<String> what = new ArrayList<>(Arrays.asList(arguments));
        String type = what.isEmpty() ? "fp32" : what.remove(0);
        long start = System.nanoTime();
        TorchSettings settings =
                TorchSettings.defaults().withDataType(TorchSettings.DataType.of(type));
        try (TorchLanguageModel model = TorchLanguageModel.open(SmolLm2File.require(), settings)) {
            print("load " + type + " %.1f s", seconds(start));
            LanguageModelBenchmark benchmark = new LanguageModelBenchmark(model);
            for (String part :
                    what.isEmpty() ? List.of("generate", "fewshot", "labels", "tune") : what) {
                benchmark.run(part);
            }
        }
    }

    private void run(String part) throws IOException {
        switch (part) {
            case "generate":
                generate();
                break;
            case "fewshot":
                fewShot();
                break;
            case "labels":
                labels();
                break;
            case "tune":
                tune();
                break;
            default:
                throw new IllegalArgumentException("No part " + part);
        }
    }

    /** 16 rows of 24-token prompts, 32 new tokens, nothing ends early. */
    private void generate() throws IOException {
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
    private void fewShot() throws IOException {
        List<String> prompts = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            prompts.add(prompt(i));
        }
        int tokens =
                model.tokenizer()
                        .encode(prompts.get(0), io.crosslm.text.Tokenizer.ControlTokens.AS_TEXT)
                        .length;
        Sampling sampling = new Sampling(1, 0.95, 32, List.of("\n"));
        List<Completion> done =
                complete("few-shot 24 x 8 of " + tokens + " tokens", prompts, 8, sampling);
        done.stream().limit(4).forEach(c -> System.out.println("  " + c));
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

    private List<Completion> complete(
            String name, List<String> prompts, int each, Sampling sampling) throws IOException {
        long start = System.nanoTime();
        List<Completion> done =
                model.generate(
                        new GenerationRequest(prompts, each, sampling, 1, Adapter.none()),
                        GenerationListener.noop());
        long tokens = done.stream().mapToLong(Completion::tokenCount).sum();
        double seconds = seconds(start);
        print(name + ": %d tokens in %.2f s, %.0f tokens/s", tokens, seconds, tokens / seconds);
        return done;
    }

    private void labels() throws IOException {
        List<String> contexts = new ArrayList<>();
        for (int i = 0; i < 192; i++) {
            contexts.add("Review: " + REVIEWS[i % 6] + "\nThe sentiment of this review is");
        }
        long start = System.nanoTime();
        double[][] values =
                model.logLikelihoods(contexts, List.of(" negative", " positive"), Adapter.none());
        print("label likelihoods of %d texts: %.2f s", contexts.size(), seconds(start));
        System.out.println("  " + Arrays.deepToString(Arrays.copyOf(values, 4)));
    }

    private void tune() throws IOException {
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
                            System.out.printf(Locale.ROOT, "  step %d/%d %.4f%n", step, all, loss);
                            return true;
                        });
        print(
                "tune %d steps: %.1f s in all, %.2f s a step, loss %.3f -> %.3f, replay KL %.4f",
                result.steps(),
                seconds(start),
                seconds(first[0]) / (result.steps() - 1),
                result.firstLoss(),
                result.lastLoss(),
                result.replayKl());
        start = System.nanoTime();
        double kl = model.divergence(result.adapter(), 96, 40, 1);
        print("divergence %.4f in %.1f s", kl, seconds(start));
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }

    private static void print(String format, Object... arguments) throws IOException {
        String rss =
                Files.readAllLines(Path.of("/proc/self/status")).stream()
                        .filter(line -> line.startsWith("VmRSS") || line.startsWith("VmHWM"))
                        .map(line -> line.replaceAll("\\s+", " "))
                        .toList()
                        .toString();
        System.out.printf(Locale.ROOT, format, arguments);
        System.out.println(" " + rss);
    }
}
