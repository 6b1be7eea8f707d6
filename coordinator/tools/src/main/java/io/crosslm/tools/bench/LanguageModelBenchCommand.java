package io.crosslm.tools.bench;

import io.crosslm.llm.torch.TorchLanguageModel;
import io.crosslm.tools.model.LanguageModelOptions;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
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
                    + " 192 texts. tune: 24 pairs, two passes, default settings."
        },
        footer = {
            "",
            "Examples:",
            "  crosslm bench llm",
            "  crosslm bench llm generate tune --data-type fp32"
        })
final class LanguageModelBenchCommand implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    @Parameters(
            paramLabel = "PART",
            arity = "0..*",
            description = "${COMPLETION-CANDIDATES}; default: all")
    private List<Part> parts = List.of(Part.values());

    @Mixin private LanguageModelOptions languageModel = new LanguageModelOptions();

    @Override
    public Integer call() {
        if (spec == null) {
            throw new IllegalStateException("The command was not made by picocli");
        }
        PrintWriter out = spec.commandLine().getOut();
        BenchOutput lines = new BenchOutput(out);
        long start = System.nanoTime();
        try (TorchLanguageModel model = languageModel.open(out)) {
            lines.line(
                    "load %s in %s: %.1f s",
                    model.description().name(),
                    model.description().dataType(),
                    BenchOutput.seconds(start));
            LanguageModelBench bench = new LanguageModelBench(model, lines);
            for (Part part : parts) {
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

    /** What is timed; written in lower case. */
    private enum Part {
        GENERATE,
        FEWSHOT,
        LABELS,
        TUNE;

        @Override
        public String toString() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }
}
