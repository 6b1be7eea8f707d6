package io.crosslm.tools.bench;

import io.crosslm.llm.torch.TorchLanguageModel;
import io.crosslm.tools.model.LanguageModelOptions;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code crosslm bench measure}: one figure of ours, as a peer's program prints its own. */
@Command(
        name = "measure",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures one thing and prints it as a line of JSON. crosslm bench llm --peers runs it"
                    + " for each of our figures, in a process of its own.",
            "generate: tokens a second, prompts and new tokens, at temperature 1 and top-p 0.95;"
                    + " every completion has all its tokens. dpo: seconds of a step on pairs of"
                    + " texts, LoRA of rank 16 on all linear layers; the reference is computed"
                    + " before."
        },
        footer = {
            "",
            "Examples:",
            "  crosslm bench measure generate --rows 16 --data-type bf16",
            "  crosslm bench measure generate --rows 1 --each 64 --prompt-tokens 300",
            "  crosslm bench measure dpo --data-type fp32 --runs 5"
        })
final class MeasureCommand implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "WORK", description = "${COMPLETION-CANDIDATES}")
    private Work work = Work.GENERATE;

    @Option(
            names = "--rows",
            paramLabel = "N",
            defaultValue = "16",
            description = "different prompts; default: ${DEFAULT-VALUE}")
    private int rows = 16;

    @Option(
            names = "--each",
            paramLabel = "N",
            defaultValue = "1",
            description = "completions of each prompt; default: ${DEFAULT-VALUE}")
    private int each = 1;

    @Option(
            names = "--prompt-tokens",
            paramLabel = "N",
            defaultValue = "24",
            description = "default: ${DEFAULT-VALUE}")
    private int promptTokens = 24;

    @Option(
            names = "--new-tokens",
            paramLabel = "N",
            defaultValue = "32",
            description = "default: ${DEFAULT-VALUE}")
    private int newTokens = 32;

    @Option(
            names = "--pairs",
            paramLabel = "N",
            defaultValue = "4",
            description = "pairs of a dpo step; default: ${DEFAULT-VALUE}")
    private int pairs = 4;

    @Option(
            names = "--length",
            paramLabel = "N",
            defaultValue = "64",
            description = "tokens of a dpo text with its prompt; default: ${DEFAULT-VALUE}")
    private int length = 64;

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "3",
            description = "timed runs; default: ${DEFAULT-VALUE}")
    private int runs = 3;

    @Option(
            names = "--warmup",
            paramLabel = "N",
            defaultValue = "1",
            description = "runs before them; default: ${DEFAULT-VALUE}")
    private int warmup = 1;

    @Mixin private LanguageModelOptions languageModel = new LanguageModelOptions();

    @Override
    public Integer call() {
        if (spec == null) {
            throw new IllegalStateException("The command was not made by picocli");
        }
        PrintWriter err = spec.commandLine().getErr();
        try (TorchLanguageModel model = languageModel.open(err);
                ProcessGauge gauge = ProcessGauge.start()) {
            Measurement measurement = new Measurement(model, gauge, runs, warmup);
            String line =
                    switch (work) {
                        case GENERATE -> measurement.generate(rows, each, promptTokens, newTokens);
                        case DPO -> measurement.dpo(pairs, length, promptTokens);
                    };
            PrintWriter out = spec.commandLine().getOut();
            out.println(line);
            out.flush();
        }
        return 0;
    }

    /** What is measured; written in lower case. */
    private enum Work {
        GENERATE,
        DPO;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
