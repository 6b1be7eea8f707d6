package io.crosslm.tools.bench;

import io.crosslm.llm.torch.TorchLanguageModel;
import io.crosslm.tools.model.LanguageModelOptions;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code crosslm bench llm}: generation, label likelihoods and tuning of a language model. */
@Command(
        name = "llm",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Times what a round does with the language model. Let nothing else run meanwhile.",
            "generate: 16 prompts of about 24 tokens, 32 new ones each. fewshot: 24 prompts of about"
                    + " 150 tokens, 8 completions each. labels: likelihoods of two label words after"
                    + " 192 texts. tune: 24 pairs, two passes, default settings.",
            "With --peers it runs other libraries too, in turns with ours, each with its best"
                    + " settings, and tells the median of the ratios: above 1, ours is better. Then"
                    + " PART is generate.fp32.b1, generate.best.b16, fewshot.b64, load.gguf,"
                    + " dpo.best and the like (docs/results/llm-speed.md)."
        },
        footer = {
            "",
            "Examples:",
            "  crosslm bench llm",
            "  crosslm bench llm generate tune --data-type fp32",
            "  crosslm bench llm --peers peers --python env/bin/python --models peer-models"
                    + " --json speed.jsonl dpo.best"
        })
final class LanguageModelBenchCommand implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    @Parameters(
            paramLabel = "PART",
            arity = "0..*",
            description = "generate, fewshot, labels, tune; default: all")
    private List<String> parts = List.of();

    @Mixin private LanguageModelOptions languageModel = new LanguageModelOptions();

    @Mixin private PeerOptions peers = new PeerOptions();

    @Override
    public Integer call() {
        if (spec == null) {
            throw new IllegalStateException("The command was not made by picocli");
        }
        PrintWriter out = spec.commandLine().getOut();
        if (peers.given()) {
            peers.check("generate.py", "smollm2-hf");
            peers.compare(peers.chosen(parts, LanguageModelContests.with(peers).all()), out);
            return 0;
        }
        List<Part> chosen = chosen(spec);
        BenchOutput lines = new BenchOutput(out);
        long start = System.nanoTime();
        try (TorchLanguageModel model = languageModel.open(out)) {
            lines.line(
                    "load %s in %s: %.1f s",
                    model.description().name(),
                    model.description().dataType(),
                    BenchOutput.seconds(start));
            LanguageModelBench bench = new LanguageModelBench(model, lines);
            for (Part part : chosen) {
                switch (part) {
                    case GENERATE -> bench.generate();
                    case FEWSHOT -> bench.fewShot();
                    case LABELS -> bench.labels();
                    case TUNE -> bench.tune();
                }
            }
        }
        return 0;
    }

    private List<Part> chosen(CommandSpec command) {
        if (parts.isEmpty()) {
            return List.of(Part.values());
        }
        List<Part> chosen = new ArrayList<>();
        for (String name : parts) {
            chosen.add(
                    Arrays.stream(Part.values())
                            .filter(part -> part.toString().equals(name.toLowerCase(Locale.ROOT)))
                            .findAny()
                            .orElseThrow(
                                    () ->
                                            new ParameterException(
                                                    command.commandLine(),
                                                    "there is no part '"
                                                            + name
                                                            + "'; without --peers there are "
                                                            + Arrays.toString(Part.values()))));
        }
        return chosen;
    }

    /** What is timed; written in lower case. */
    private enum Part {
        GENERATE,
        FEWSHOT,
        LABELS,
        TUNE;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
