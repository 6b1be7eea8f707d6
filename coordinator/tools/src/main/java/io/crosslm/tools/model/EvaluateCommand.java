package io.crosslm.tools.model;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.evaluation.Estimate;
import io.crosslm.llm.evaluation.LastWords;
import io.crosslm.llm.format.PeftAdapter;
import io.crosslm.llm.torch.TorchLanguageModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code crosslm evaluate}: a model's general ability, alone and with adapters. */
@Command(
        name = "evaluate",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures how well a language model guesses the last word of a passage (LAMBADA),"
                    + " alone and with adapters: mean negative log-likelihood (NLL) of the word in"
                    + " nats with its standard error, and how often it is the most likely word.",
            "What an adapter changed is measured on the same passages, so that its standard error"
                    + " is that of the paired differences."
        },
        footer = {
            "",
            "An adapter is a folder or zip file in PEFT's layout; rounds keep theirs as artifacts.",
            "",
            "Examples:",
            "  crosslm evaluate --lambada lambada_openai.jsonl.gz",
            "  crosslm evaluate --lambada lambada_openai.jsonl.gz --items 500 adapter.zip",
        })
public final class EvaluateCommand implements Callable<Integer> {
    private static final String UNTUNED = "untuned";

    @Spec private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "ADAPTER", arity = "0..*", description = "adapters to compare")
    private List<Path> adapters = new ArrayList<>();

    @Option(
            names = "--lambada",
            paramLabel = "FILE",
            required = true,
            description = "JSON lines with context and continuation, plain or gzip")
    private Path lambada = Path.of("");

    @Option(
            names = "--items",
            paramLabel = "N",
            defaultValue = "500",
            description = "passages, always the same ones; default: ${DEFAULT-VALUE}")
    private int items;

    @Mixin private LanguageModelOptions languageModel = new LanguageModelOptions();

    @Option(names = "--json", paramLabel = "FILE", description = "writes the figures as JSON")
    private @Nullable Path json;

    /** For picocli. */
    public EvaluateCommand() {}

    @Override
    public Integer call() throws IOException {
        if (spec == null) {
            throw new IllegalStateException("The command was not made by picocli");
        }
        if (items < 1) {
            throw new ParameterException(
                    spec.commandLine(), "--items must be at least 1 but is " + items);
        }
        LastWords passages = LastWords.read(lambada).first(items);
        Map<String, Adapter> read = new LinkedHashMap<>();
        adapters.forEach(path -> read.put(path.toString(), PeftAdapter.read(path)));
        PrintWriter out = spec.commandLine().getOut();
        JsonObject all = new JsonObject();
        try (TorchLanguageModel loaded = languageModel.open(out)) {
            out.printf(
                    "%s in %s, %d passages%n%n",
                    loaded.description().name(), loaded.description().dataType(), passages.size());
            out.printf("%-28s %14s %9s %19s %8s%n", "", "NLL", "accuracy", "change of NLL", "");
            LastWords.Result untuned = passages.evaluate(loaded, Adapter.none());
            all.add(UNTUNED, print(out, UNTUNED, untuned, null));
            read.forEach(
                    (name, adapter) ->
                            all.add(
                                    name,
                                    print(out, name, passages.evaluate(loaded, adapter), untuned)));
        }
        if (json != null) {
            Files.writeString(json, new Gson().toJson(all) + "\n");
        }
        return 0;
    }

    private static JsonObject print(
            PrintWriter out,
            String name,
            LastWords.Result result,
            LastWords.@Nullable Result untuned) {
        Estimate nll = result.negativeLogLikelihood();
        JsonObject figures = new JsonObject();
        figures.addProperty("nll", nll.mean());
        figures.addProperty("nllStandardError", nll.standardError());
        figures.addProperty("accuracy", result.accuracy());
        String change = "";
        if (untuned != null) {
            Estimate difference = result.minus(untuned);
            double share = difference.mean() / untuned.negativeLogLikelihood().mean();
            figures.addProperty("change", difference.mean());
            figures.addProperty("changeStandardError", difference.standardError());
            figures.addProperty("relativeChange", share);
            change =
                    String.format(
                            Locale.ROOT,
                            "%+8.4f +- %.4f  %+6.2f %%",
                            difference.mean(),
                            difference.standardError(),
                            100 * share);
        }
        String label = name.length() <= 28 ? name : "..." + name.substring(name.length() - 25);
        out.printf(
                Locale.ROOT,
                "%-28s %6.4f +- %.3f %7.1f %% %s%n",
                label,
                nll.mean(),
                nll.standardError(),
                100 * result.accuracy(),
                change);
        out.flush();
        return figures;
    }
}
