package io.crosslm.tools.model;

import io.crosslm.llm.Adapter;
import io.crosslm.llm.export.ModelExport;
import io.crosslm.llm.export.NumberType;
import io.crosslm.llm.format.ModelFiles;
import io.crosslm.llm.format.PeftAdapter;
import io.crosslm.llm.source.ModelCatalogue;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code crosslm model export}: a model, with an adapter merged, for other programs. */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Writes a model for other programs, with a round's adapter merged into its weights:",
            "a folder for Transformers and vLLM, or a GGUF file for llama.cpp."
        },
        footer = {
            "",
            "Examples:",
            "  crosslm model export smollm2-135m-instruct --adapter adapter.zip --format gguf"
                    + " --output tuned.gguf",
            "  crosslm model export ./my-model --format safetensors --data-type bf16"
                    + " --output ./my-model-bf16"
        })
final class ModelExportCommand implements Callable<Integer> {
    private static final double MEGABYTE = 1e6;

    @Spec private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "MODEL", description = "catalogue name or path of the model")
    private String model = "";

    @Option(
            names = "--adapter",
            paramLabel = "FILE",
            description = "folder or zip file in PEFT's layout; without it the model as it is")
    private @Nullable Path adapter;

    @Option(
            names = "--format",
            required = true,
            paramLabel = "FORMAT",
            description = "safetensors: a folder; gguf: a file")
    private String format = "";

    @Option(
            names = "--data-type",
            paramLabel = "TYPE",
            description = "f32, f16 or bf16; default: f32 for safetensors, f16 for gguf")
    private @Nullable String dataType;

    @Option(
            names = "--shard-size",
            paramLabel = "MB",
            defaultValue = "5000",
            description =
                    "largest safetensors file in megabytes; more make several; default:"
                            + " ${DEFAULT-VALUE}")
    private long shardMegabytes;

    @Option(
            names = "--output",
            required = true,
            paramLabel = "PATH",
            description = "what to write; it must not be there yet")
    private Path output = Path.of("");

    @Option(
            names = "--cache",
            paramLabel = "DIR",
            description = "folder for models; default: CROSSLM_CACHE, or ~/.cache/crosslm")
    private @Nullable Path cache;

    /** For picocli. */
    ModelExportCommand() {}

    @Override
    public Integer call() throws IOException {
        if (!format.equals("safetensors") && !format.equals("gguf")) {
            throw wrong("--format must be safetensors or gguf but is " + format);
        }
        if (shardMegabytes < 1 || shardMegabytes > 1_000_000) {
            throw wrong("--shard-size must be in 1 to 1000000 but is " + shardMegabytes);
        }
        boolean gguf = format.equals("gguf");
        NumberType type = type(gguf ? NumberType.F16 : NumberType.F32);
        PrintWriter out = spec().commandLine().getOut();
        Adapter merged = adapter == null ? Adapter.none() : PeftAdapter.read(adapter);
        try (ModelFiles files = ModelFiles.open(find(out))) {
            ModelExport export = ModelExport.of(files, merged);
            if (gguf) {
                export.toGguf(type, output);
            } else {
                export.toSafetensors(type, shardMegabytes * 1_000_000, output);
            }
            out.printf(
                    Locale.ROOT,
                    "%s%s in %s: %s, %.0f MB%n",
                    files.name(),
                    adapter == null ? "" : " with " + merged.layers().size() + " adapted layers",
                    type.id(),
                    output,
                    size(output) / MEGABYTE);
            out.flush();
        }
        return 0;
    }

    private Path find(PrintWriter out) {
        try (FetchBar bar = new FetchBar(out)) {
            return ModelCatalogue.standard(System.getenv())
                    .fetch(
                            model,
                            cache != null ? cache : ModelCatalogue.defaultCache(System.getenv()),
                            bar);
        }
    }

    private NumberType type(NumberType preset) {
        if (dataType == null) {
            return preset;
        }
        for (NumberType type : NumberType.values()) {
            if (type.id().equals(dataType)) {
                return type;
            }
        }
        throw wrong("--data-type must be f32, f16 or bf16 but is " + dataType);
    }

    private static long size(Path path) throws IOException {
        try (Stream<Path> all = Files.walk(path)) {
            long bytes = 0;
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                bytes += Files.size(file);
            }
            return bytes;
        }
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
