package io.crosslm.tools.model;

import io.crosslm.llm.source.CatalogueModel;
import io.crosslm.llm.source.ModelCatalogue;
import java.io.PrintWriter;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code crosslm model}: the catalogue of large language models and the cache that keeps them. */
@Command(
        name = "model",
        mixinStandardHelpOptions = true,
        description = "Lists, fetches, shows and exports large language models.",
        subcommands = {ModelShowCommand.class, ModelExportCommand.class},
        footer = {
            "",
            "Examples:",
            "  crosslm model list",
            "  crosslm model fetch smollm2-135m-instruct",
            "  crosslm model fetch smollm2-135m-instruct --cache /models",
            "  crosslm model show smollm2-135m-instruct",
            "  crosslm model export smollm2-135m-instruct --format gguf --output smollm2.gguf"
        })
public final class ModelCommand {
    private static final String CACHE =
            "folder for models; default: CROSSLM_CACHE, or ~/.cache/crosslm";

    @Spec private @Nullable CommandSpec spec;

    /** For picocli. */
    public ModelCommand() {}

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "Lists the models that CrossLM knows by name.",
            footer = {
                "",
                "Examples:",
                "  crosslm model list",
                "  crosslm model list --cache /models"
            })
    void list(
            @Option(names = "--cache", paramLabel = "DIR", description = CACHE)
                    @Nullable Path cache) {
        PrintWriter out = out();
        for (CatalogueModel model : catalogue().models()) {
            out.printf(
                    "%-24s %6d MB  %-11s %-8s %s%n",
                    model.name(),
                    model.sizeBytes() / 1_000_000,
                    model.licence(),
                    catalogue().cached(model.name(), cache(cache)).isPresent() ? "fetched" : "",
                    model.description());
        }
        out.flush();
    }

    @Command(
            name = "fetch",
            mixinStandardHelpOptions = true,
            description = "Fetches a model into the cache, from the first source that has it.",
            footer = {
                "",
                "Examples:",
                "  crosslm model fetch smollm2-135m-instruct",
                "  crosslm model fetch smollm2-135m-instruct --cache /models"
            })
    void fetch(
            @Parameters(paramLabel = "NAME") String name,
            @Option(names = "--cache", paramLabel = "DIR", description = CACHE)
                    @Nullable Path cache) {
        PrintWriter out = out();
        try (FetchBar bar = new FetchBar(out)) {
            Path file = catalogue().fetch(name, cache(cache), bar);
            bar.close();
            out.println(file);
            out.flush();
        }
    }

    private static ModelCatalogue catalogue() {
        return ModelCatalogue.standard(System.getenv());
    }

    private static Path cache(@Nullable Path set) {
        return set != null ? set : ModelCatalogue.defaultCache(System.getenv());
    }

    private PrintWriter out() {
        if (spec == null) {
            throw new IllegalStateException("The command was not made by picocli");
        }
        return spec.commandLine().getOut();
    }
}
