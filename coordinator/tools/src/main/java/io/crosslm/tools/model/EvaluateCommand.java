package io.crosslm.tools.model;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.evaluation.GeneralTask;
import io.crosslm.llm.evaluation.LabelledText;
import io.crosslm.llm.evaluation.LastWords;
import io.crosslm.llm.format.PeftAdapter;
import io.crosslm.llm.torch.TorchLanguageModel;
import io.crosslm.tools.ToolException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code crosslm evaluate}: what a model can do, alone and with adapters. */
@Command(
        name = "evaluate",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures a language model, alone and with adapters, with standard errors: its general"
                    + " ability, how well it finds labels, or the quality of texts that it wrote.",
            "What an adapter changed is measured on the same items, so that its standard error"
                    + " is that of the paired differences."
        },
        footer = {
            "",
            "An adapter is a folder or zip file in PEFT's layout; rounds keep theirs as artifacts.",
            "",
            "Examples:",
            "  crosslm evaluate --suite general --data DIR --json general.json",
            "  crosslm evaluate --suite general --data DIR --tasks piqa,copa adapter.zip",
            "  crosslm evaluate --lambada lambada_openai.jsonl.gz --items 500 adapter.zip",
            "  crosslm evaluate --texts mail.jsonl --labels spam,ham --prior 0.2,0.8",
            "  crosslm evaluate --texts test.jsonl.gz --task-file task.json adapter.zip",
            "  crosslm evaluate --generated samples.jsonl --real real.jsonl --judge public.jsonl",
        })
public final class EvaluateCommand implements Callable<Integer> {
    private static final int LAMBADA_ITEMS = 500;

    @Spec private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "ADAPTER", arity = "0..*", description = "adapters to compare")
    private List<Path> adapters = new ArrayList<>();

    @ArgGroup(multiplicity = "1")
    private Subject subject = new Subject();

    @Option(
            names = "--items",
            paramLabel = "N",
            description =
                    "items of a file, always the same ones; default: all, of --lambada "
                            + LAMBADA_ITEMS)
    private @Nullable Integer items;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "of --suite: folder with a file <task>.jsonl.gz for each task")
    private @Nullable Path data;

    @Option(
            names = "--tasks",
            paramLabel = "TASK",
            split = ",",
            description = "of --suite: only these tasks")
    private List<String> tasks = new ArrayList<>();

    @Option(
            names = "--item-scores",
            description = "of --suite: the JSON file also holds the log-likelihood of every choice")
    private boolean itemScores;

    @ArgGroup(exclusive = false)
    private LabelOptions labelOptions = new LabelOptions();

    @Option(
            names = "--real",
            paramLabel = "FILE",
            description = "of --generated: real texts that the written ones should be like")
    private @Nullable Path real;

    @Option(
            names = "--judge",
            paramLabel = "FILE",
            description = "of --generated: labelled texts that train the judge of labels")
    private @Nullable Path judge;

    @Mixin private LanguageModelOptions languageModel = new LanguageModelOptions();

    @Option(names = "--json", paramLabel = "FILE", description = "writes the figures as JSON")
    private @Nullable Path json;

    /** For picocli. */
    public EvaluateCommand() {}

    /** What is measured: one of these. */
    static final class Subject {
        @Option(
                names = "--suite",
                paramLabel = "NAME",
                description = "general: eight tasks by the conventions of lm-evaluation-harness")
        private @Nullable String suite;

        @Option(
                names = "--lambada",
                paramLabel = "FILE",
                description = "last words of passages, in JSON lines with context and continuation")
        private @Nullable Path lambada;

        @Option(
                names = "--texts",
                paramLabel = "FILE",
                description = "finding labels, by JSON lines with text and label, plain or gzip")
        private @Nullable Path texts;

        @Option(
                names = "--generated",
                paramLabel = "FILE",
                description = "texts that a model wrote, in JSON lines with text and label")
        private @Nullable Path generated;
    }

    @Override
    public Integer call() {
        if (items != null && items < 1) {
            throw wrong("--items must be at least 1 but is " + items);
        }
        if (subject.suite == null && (data != null || !tasks.isEmpty() || itemScores)) {
            throw wrong("--data, --tasks and --item-scores belong to --suite");
        }
        if (itemScores && json == null) {
            throw wrong("--item-scores needs --json FILE");
        }
        if (subject.generated == null && (real != null || judge != null)) {
            throw wrong("--real and --judge belong to --generated");
        }
        int limit = items == null ? Integer.MAX_VALUE : items;
        JsonObject figures;
        if (subject.suite != null) {
            figures = suite(subject.suite, limit);
        } else if (subject.lambada != null) {
            LastWords passages =
                    LastWords.read(subject.lambada).first(items == null ? LAMBADA_ITEMS : items);
            figures = measure(measured -> LambadaEvaluation.run(passages, measured));
        } else if (subject.texts != null) {
            if (labelOptions.areMissing()) {
                throw wrong("--texts needs --labels or --task-file");
            }
            figures = measure(labelOptions.evaluation(subject.texts, limit)::run);
        } else if (subject.generated != null) {
            figures = generated(subject.generated, limit);
        } else {
            throw wrong("expected one of --suite, --lambada, --texts, --generated");
        }
        if (json != null) {
            write(json, figures);
        }
        return 0;
    }

    private JsonObject suite(String name, int limit) {
        if (!name.equals("general")) {
            throw wrong("--suite must be general but is " + name);
        }
        if (data == null) {
            throw wrong("--suite needs --data DIR, the folder of its files");
        }
        List<GeneralTask> chosen = tasks.isEmpty() ? GeneralTask.ALL : GeneralTask.named(tasks);
        return measure(new GeneralEvaluation(chosen, data, limit, itemScores)::run);
    }

    private JsonObject generated(Path file, int limit) {
        if (!adapters.isEmpty()) {
            throw wrong("--generated takes no adapters: texts are measured, not models");
        }
        List<String> realTexts =
                real == null
                        ? List.of()
                        : LabelledText.read(real, limit).stream().map(LabelledText::text).toList();
        GeneratedEvaluation evaluation =
                new GeneratedEvaluation(
                        LabelledText.read(file, limit),
                        realTexts,
                        judge == null ? List.of() : LabelledText.read(judge, Integer.MAX_VALUE),
                        new EvaluateTable(out()));
        return measure(evaluation::run);
    }

    private JsonObject measure(Function<Measured, JsonObject> measurement) {
        Map<String, Adapter> read = new LinkedHashMap<>();
        adapters.forEach(path -> read.put(path.toString(), PeftAdapter.read(path)));
        PrintWriter out = out();
        try (TorchLanguageModel loaded = languageModel.open(out)) {
            out.printf("%s in %s%n", loaded.description().name(), loaded.description().dataType());
            return measurement.apply(
                    new Measured(
                            loaded,
                            read,
                            out,
                            new EvaluateProgress(spec().commandLine().getErr())));
        }
    }

    private static void write(Path file, JsonObject figures) {
        try {
            Files.writeString(file, new Gson().toJson(figures) + "\n");
        } catch (IOException e) {
            throw new ToolException(
                    ToolException.Code.STORAGE,
                    "cannot write " + file + "; is there its folder, and room on the disk?",
                    e);
        }
    }

    private PrintWriter out() {
        return spec().commandLine().getOut();
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec().commandLine(), message);
    }

    private CommandSpec spec() {
        if (spec == null) {
            throw new IllegalStateException("The command was not made by picocli");
        }
        return spec;
    }
}
