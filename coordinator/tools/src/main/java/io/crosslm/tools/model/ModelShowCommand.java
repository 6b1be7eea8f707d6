package io.crosslm.tools.model;

import io.crosslm.llm.format.ModelConfiguration;
import io.crosslm.llm.format.ModelFiles;
import io.crosslm.llm.format.ModelSummary;
import io.crosslm.llm.source.CatalogueModel;
import io.crosslm.llm.source.ModelCatalogue;
import io.crosslm.llm.source.ModelSource;
import io.crosslm.llm.torch.MemoryPlan;
import io.crosslm.llm.torch.MemorySource;
import io.crosslm.llm.torch.ModelWorkload;
import io.crosslm.llm.torch.TorchSettings;
import io.crosslm.llm.torch.TorchSettings.DataType;
import io.crosslm.tools.ToolException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code crosslm model show}: what a model is, where it comes from, what memory it takes. */
@Command(
        name = "show",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Shows a model: what the catalogue says of it, what its files hold, and the memory that"
                    + " it and a round's work on it will take. No weights are read."
        },
        footer = {
            "",
            "Examples:",
            "  crosslm model show smollm2-135m-instruct",
            "  crosslm model show ./my-model --data-type bf16 --rows 16"
        })
final class ModelShowCommand implements Callable<Integer> {
    private static final double MEGABYTE = 1e6;

    @Spec private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "MODEL", description = "catalogue name, or path of a file or folder")
    private String model = "";

    @Option(
            names = "--data-type",
            paramLabel = "TYPE",
            defaultValue = "auto",
            description = "fp32, bf16 or auto, to plan memory for; default: ${DEFAULT-VALUE}")
    private String dataType = "auto";

    @Option(
            names = "--rows",
            paramLabel = "N",
            description = "texts that are written at once; default: what a round does")
    private @Nullable Integer rows;

    @Option(
            names = "--cache",
            paramLabel = "DIR",
            description = "folder for models; default: CROSSLM_CACHE, or ~/.cache/crosslm")
    private @Nullable Path cache;

    /** For picocli. */
    ModelShowCommand() {}

    @Override
    public Integer call() {
        TorchSettings settings = TorchSettings.defaults().withDataType(type());
        if (rows != null && (rows < 1 || rows > 1_000_000)) {
            throw wrong("--rows must be in 1 to 1000000 but is " + rows);
        }
        ModelCatalogue catalogue = ModelCatalogue.standard(System.getenv());
        Optional<CatalogueModel> known = catalogue.find(model);
        PrintWriter out = spec().commandLine().getOut();
        Optional<Path> path;
        if (known.isPresent()) {
            Path folder = cache != null ? cache : ModelCatalogue.defaultCache(System.getenv());
            path = catalogue.cached(model, folder);
            print(out, known.get(), path);
        } else if (Files.exists(Path.of(model))) {
            path = Optional.of(Path.of(model));
        } else {
            throw new ToolException(
                    ToolException.Code.UNKNOWN_MODEL,
                    "there is no model '"
                            + model
                            + "': it is neither a file or folder here, nor one of the catalogue;"
                            + " crosslm model list shows that");
        }
        if (path.isPresent()) {
            try (ModelFiles files = ModelFiles.open(path.get())) {
                print(out, files);
                ModelWorkload round = ModelWorkload.ofRounds();
                ModelWorkload work = rows == null ? round : round.withRows(rows);
                print(out, MemoryPlan.of(files, settings, work), settings, work);
            }
        }
        out.flush();
        return 0;
    }

    private static void print(PrintWriter out, CatalogueModel model, Optional<Path> cached) {
        line(out, "name", model.name());
        line(out, "what", model.description());
        line(out, "file", model.fileName() + ", " + model.sizeBytes() + " bytes");
        line(out, "SHA-256", model.sha256());
        line(out, "licence", model.licence());
        for (ModelSource source : model.sources()) {
            line(out, "source", source.description());
        }
        line(out, "cache", cached.map(Path::toString).orElse("not fetched"));
    }

    private static void print(PrintWriter out, ModelFiles files) {
        ModelSummary summary = ModelSummary.of(files);
        ModelConfiguration sizes = files.configuration();
        long stored = summary.valuesByType().values().stream().mapToLong(Long::longValue).sum();
        line(
                out,
                "format",
                String.format(
                        Locale.ROOT,
                        "%s, %d file%s, %.0f MB",
                        summary.format(),
                        summary.files(),
                        summary.files() == 1 ? "" : "s",
                        summary.fileBytes() / MEGABYTE));
        line(
                out,
                "family",
                String.format(
                        Locale.ROOT,
                        "%s: %d layers of size %d, feed-forward %d, %d heads of size %d (%d for"
                                + " keys and values), vocabulary %d%s",
                        summary.family(),
                        sizes.layerCount(),
                        sizes.embeddingSize(),
                        sizes.feedForwardSize(),
                        sizes.headCount(),
                        sizes.headSize(),
                        sizes.keyValueHeadCount(),
                        sizes.vocabularySize(),
                        sizes.tiedEmbeddings() ? ", output tied to the embedding" : ""));
        line(
                out,
                "weights",
                String.format(
                        Locale.ROOT,
                        "%,d: %s",
                        summary.parameterCount(),
                        summary.valuesByType().entrySet().stream()
                                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                                .map(
                                        entry ->
                                                String.format(
                                                        Locale.ROOT,
                                                        "%s %.1f %%",
                                                        entry.getKey(),
                                                        100.0 * entry.getValue() / stored))
                                .collect(Collectors.joining(", "))));
        line(out, "context", sizes.contextLength() + " tokens");
        line(out, "tokenizer", summary.tokenizer());
        line(out, "chat", summary.chatTemplate() ? "has a template" : "no template");
    }

    private static void print(
            PrintWriter out, MemoryPlan plan, TorchSettings settings, ModelWorkload work) {
        out.printf(
                Locale.ROOT,
                "%nmemory in %s on %s, MB (docs/explanation-memory.md)%n",
                settings.dataType().id(),
                settings.device());
        for (MemoryPlan.Phase phase : MemoryPlan.Phase.values()) {
            String what =
                    switch (phase) {
                        case LOADED -> "loaded";
                        case GENERATING ->
                                "writing " + work.rows() + " x " + work.slots() + " tokens";
                        case TUNING ->
                                "tuning " + work.stepTokens() + " tokens, rank " + work.rank();
                    };
            out.printf(Locale.ROOT, "  %-32s %8.0f%n", what, plan.bytes(phase) / MEGABYTE);
            for (MemoryPlan.Part part : plan.parts()) {
                if (part.phase() == phase) {
                    out.printf(
                            Locale.ROOT, "    %-30s %8.0f%n", part.name(), part.bytes() / MEGABYTE);
                }
            }
        }
        MemorySource memory = MemorySource.system();
        OptionalLong available = memory.availableBytes();
        out.printf(Locale.ROOT, "  %-32s %8.0f%n", "at most", plan.peakBytes() / MEGABYTE);
        if (available.isPresent()) {
            out.printf(
                    Locale.ROOT,
                    "  %-32s %8.0f%s%n",
                    "available",
                    available.getAsLong() / MEGABYTE,
                    plan.fits(memory)
                            ? ""
                            : plan.nearest(memory)
                                    .map(fits -> ": it fits with " + fits)
                                    .orElse(": it does not fit"));
        }
    }

    private static void line(PrintWriter out, String name, String value) {
        out.printf("%-9s  %s%n", name, value);
    }

    private DataType type() {
        if (dataType.equals("auto")) {
            return DataType.ofThisProcessor();
        }
        for (DataType type : DataType.values()) {
            if (type.id().equals(dataType)) {
                return type;
            }
        }
        throw wrong("--data-type must be fp32, bf16 or auto but is " + dataType);
    }

    private CommandSpec spec() {
        if (spec == null) {
            throw new IllegalStateException("The command was not made by picocli");
        }
        return spec;
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec().commandLine(), message);
    }
}
